#include "line_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace {

// numpy.logaddexp of single-precision numbers.
float logaddexp(float a, float b) {
    if (a == b) return a + 0.693147180559945309417f;
    return a > b ? a + std::log1p(std::exp(b - a)) : b + std::log1p(std::exp(a - b));
}

float log_sum_of_negatives(const float* penalties) {
    float sum = -std::numeric_limits<float>::infinity();
    for (int v = 0; v < DIGITS; ++v) sum = logaddexp(sum, -penalties[v]);
    return sum;
}

}  // namespace

LineReader::LineReader(const LineSettings& line, const ReaderSettings& settings, ArcScores scores,
                       const Network& candidates, const Network& digits, const SdnnNetwork& sdnn,
                       const float* byte_to_plane, int threads)
    : line_(line), is_(settings), scores_(std::move(scores)), candidates_(candidates),
      digits_(digits), sdnn_(sdnn), byte_to_plane_(byte_to_plane), threads_(threads) {}

// Which digit, by both networks (a weighted geometric mean); whether any, by the candidates' own.
std::vector<float> LineReader::network_penalties(const std::vector<unsigned char>& images) const {
    const Index count = static_cast<Index>(images.size()) / (28 * 28);
    std::vector<float> own(count * DIGITS), other(count * DIGITS);
    penalties_of_images(candidates_, images.data(), byte_to_plane_, count, threads_, own.data());
    penalties_of_images(digits_, images.data(), byte_to_plane_, count, threads_, other.data());
    const auto weight = static_cast<float>(is_.digit_weight);
    const auto rest = static_cast<float>(1 - is_.digit_weight);
    const auto temperature = static_cast<float>(is_.digit_temperature);
    for (Index k = 0; k < count; ++k) {
        const float* const first = &own[k * DIGITS];
        float* const mixed = &other[k * DIGITS];
        for (int v = 0; v < DIGITS; ++v)
            mixed[v] = rest * first[v] + weight * (mixed[v] / temperature);
        const float sum = log_sum_of_negatives(mixed), wanted = log_sum_of_negatives(first);
        for (int v = 0; v < DIGITS; ++v) mixed[v] = (mixed[v] + sum) - wanted;
    }
    return other;
}

ArcPenalties LineReader::penalties(const Candidates& of) const {
    const std::vector<float> networks = network_penalties(of.images);
    ArcPenalties found{std::vector<double>(of.count() * DIGITS), std::vector<double>(of.count())};
    scores_.price({networks.data(), of.context.data(), of.first.data(), of.last.data(), of.count()},
                  found.digits.data(), found.nothing.data());
    return found;
}

LineText LineReader::read(const float* grey, Index height, Index width, bool closer) const {
    CutLine cut = cut_line(grey, height, width, closer, line_);
    return cut.segments.count() ? decode(std::move(cut)) : LineText{};
}

LineText LineReader::decode(CutLine cut) const {
    const Candidates candidates = candidates_of(cut.segments, line_);
    const ArcPenalties prices = penalties(candidates);
    const LineImage image = image_of(cut.segments, line_);
    const Index places = sdnn_.places(image.height, image.width);
    std::vector<float> log_probs(places * sdnn_.classes());
    sdnn_.log_probabilities(image.ink.data(), image.height, image.width, log_probs.data());
    const Arcs arcs{candidates.first, candidates.last, prices.digits.data(),
                    prices.nothing.data(), cut.segments.count()};
    LineText found{find_n_best(arcs, {log_probs.data(), places}, is_.search), {}, {}, {}};
    const std::vector<int>& text = found.n_best.texts[found.n_best.best(
        is_.sdnn_weight, is_.min_log_probability)];
    std::vector<Index> steps;
    for (const auto& step : cheapest_path(arcs, text))
        if (step.second != NOTHING) steps.push_back(step.first);
    const Index pixels = line_.centring.side * line_.centring.side;
    found.boxes.resize(4 * text.size());
    if (steps.size() == text.size())
        for (size_t k = 0; k < steps.size(); ++k) {
            cut.frame.to_image(&candidates.boxes[4 * steps[k]], &found.boxes[4 * k]);
            const auto from = candidates.images.begin() + steps[k] * pixels;
            found.images.insert(found.images.end(), from, from + pixels);
        }
    else {
        found.boxes.clear();
        for (const auto& place : align({log_probs.data(), places}, text))
            cut_out(cut, image, place, found);
    }
    found.cut = std::move(cut);
    return found;
}

// A digit that no cut separates from others: what lies around its outputs.
void LineReader::cut_out(const CutLine& cut, const LineImage& image, std::pair<Index, Index> place,
                         LineText& into) const {
    const Segments& is = cut.segments;
    const double outputs = static_cast<double>(is_.stride * (place.first + place.second - 1) +
                                               is_.seen);
    const double middle = image.left + outputs / 2 / image.scale;
    const double half = is_.half_width * is.text_height;
    const Index left = std::max<Index>(0, std::llrint(middle - half));
    const Index right = std::min<Index>(is.width, std::llrint(middle + half) + 1);
    const Index wide = std::max<Index>(0, right - left);
    std::vector<float> ink(is.height * wide);
    Index top = is.height, bottom = 0;
    for (Index y = 0; y < is.height; ++y)
        for (Index x = 0; x < wide; ++x) {
            const Index at = y * is.width + left + x;
            if (is.labels[at] <= 0 || !(is.ink[at] > 0)) continue;
            ink[y * wide + x] = is.ink[at];
            top = std::min(top, y), bottom = y + 1;
        }
    if (!bottom) top = 0, bottom = is.height;
    const Centring& by = line_.centring;
    std::vector<unsigned char> digit(by.side * by.side);
    if (wide) centre(&ink[top * wide], bottom - top, wide, by, digit.data());
    const std::int64_t box[4] = {top, left, bottom, right};
    std::int64_t found[4];
    cut.frame.to_image(box, found);
    into.boxes.insert(into.boxes.end(), found, found + 4);
    into.images.insert(into.images.end(), digit.begin(), digit.end());
}
