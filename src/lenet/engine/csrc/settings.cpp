#include "settings.hpp"

namespace {

Centring centring_of(const Settings& all) {
    const NamedNumbers is = all["prepare"];
    return {28, is.whole("BOX_SIDE", 1, 28), is.real("INKED", 1e-6, 1),
            is.real("STROKE", 0, 0.999), is("CENTRE", 0, 28), is("FULL_QUANTILE", 0, 1)};
}

Polarity polarity(const NamedNumbers& is) {
    return {is.whole("THUMBNAIL", 1, 1024), is.whole("NARROW", 0, 1024),
            is.whole("STROKE", 1, 199) | 1, is("CLEAR", 0, 1), is("EVEN", 0, 1)};
}

Judgement ink_of(const Settings& all) {
    const NamedNumbers is = all["line_ink"], digit = all["digit_ink"];
    return {polarity(digit), digit.whole("BINS", 1, 65536), is.real("MIN_CONTRAST", 0, 1),
            is.real("BACKGROUND", 1e-6, 1e6), is("GRAIN", 0, 1e6), is("FAINT", 0, 0.999),
            is("MAX_FAINT", 0, 0.999)};
}

RuleShares rules_of(const NamedNumbers& is) {
    return {is.real("RULE_INK", 0, 1), is("LENGTH", 0, MOST), is("MIN_LENGTH", 0, MOST),
            is("BORDER", 0, MOST), is("BORDER_ZONE", 0, 1), is("THICKNESS", 0, MOST),
            is("PAGE_LENGTH", 0, MOST), is("PAGE_MIN_LENGTH", 0, MOST),
            is("PAGE_THICKNESS", 0, MOST)};
}

Cutting cutting_of(const Settings& all) {
    const NamedNumbers path = all["cuts"], is = all["oversegmentation"];
    return {path.real("SLANT_COST", 0, 1e6), path.real("HOLE_COST", 0, 1),
            path.real("ENCLOSING", 0, 1), path.real("FLAT", 0, 1), path("BARRIER", 0, MOST),
            path.whole("MIN_DISTANCE", 0, MOST_SIDE), path.real("CONTOUR", 0, 1),
            path("NOTCH", 0, MOST), path("SIDEWAYS", 0, MOST), path("SAME", 0, MOST),
            is.real("INKED", 0, 0.999), is.real("MIN_CROSSED", 0, 1e6),
            is("MAX_CROSSED", 0, MOST), is("FREE", 0, MOST), is("SLIVER", 0, MOST),
            is.whole("MIN_HEIGHT", 1, MOST_SIDE), is.whole("MAX_SEGMENTS", 1, 4096),
            is("PEN", 0, 1), is("STROKE_WIDTH", 0, MOST), is("SHORTEST", 0, MOST),
            is("LONGEST", 0, MOST), is("TOPS", 0, MOST), is("BOTTOMS", 0, MOST)};
}

}  // namespace

DigitSettings digit_settings(const Settings& all) {
    const NamedNumbers is = all["digit_ink"];
    return {polarity(is), is.whole("FIELD", 1, 199) | 1, is.whole("BINS", 1, 65536),
            is("MIN_CONTRAST", 0, 1), is("SPECK", 0, 1), is("NEAR", 0, MOST), centring_of(all)};
}

LineSettings line_settings(const Settings& all) {
    const NamedNumbers ink = all["line_ink"], is = all["numpy_lines"], seen = all["candidates"];
    return {ink_of(all), ink("WORKING_HEIGHT", 1, 1024), ink("MAX_WIDTH", 1, 1 << 16),
            ink("FIELD", 0, 4), rules_of(ink), cutting_of(all),
            all["oversegmentation"]("TALL", 0, 1), is("MIN_TEXT_HEIGHT", 0, MOST),
            is("MARGIN", 0, 100), seen.whole("MAX_JOINED", 1, 1000), seen("MAX_WIDTH", 0, MOST),
            centring_of(all), seen.whole("LINE_HEIGHT", 1, 256),
            seen.whole("TEXT_HEIGHT", 1, 256), seen.whole("MARGIN", 0, 256)};
}

ReaderSettings reader_settings(const Settings& all) {
    const NamedNumbers weights = all["weights"], sdnn = all["sdnn"], text = all["combine"];
    const auto beam = static_cast<size_t>(text.whole("BEAM", 1, 1024));
    return {{beam, all["segmentation_graph"]("SPREAD", 0, MOST),
             all["ctc"]("MIN_LOG_PROB", -MOST, 0)},
            text("MIN_LOG_PROB", -MOST, 0), weights("sdnn_weight", 0, MOST),
            weights("digit_network_weight", 0, 1), weights("digit_temperature", 1e-6, MOST),
            sdnn.whole("EVERY", 1, 4096), sdnn.whole("SEEN", 1, 4096),
            all["numpy_lines"]("HALF_WIDTH", 0, MOST)};
}

ArcConstants arc_constants(const Settings& all) {
    const NamedNumbers given = all["line_weights"], is = all["segmentation_graph"];
    return {all["weights"]("rubbish", -MOST, MOST), given("MIN_LOG_PROB", -MOST, 0),
            given("SCALE", 1e-6, MOST), is("SEGMENT_WEIGHT", -MOST, MOST),
            is("NOTHING_COST", -MOST, MOST), is("OUTSIDE", -MOST, MOST)};
}
