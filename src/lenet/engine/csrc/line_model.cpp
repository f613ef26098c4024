#include "line_model.hpp"

namespace {

ArcScores arc_scores(const GivenContext& given, const Settings& settings) {
    const Index inputs = given.inputs, units = given.units;
    expect(inputs == DIGITS + 1 + FEATURES && 0 < units && units <= 1024,
           "expected 1 … 1,024 units that see penalties and context");
    return {inputs, units,
            {given.hidden, given.hidden + units * inputs},
            {given.hidden_bias, given.hidden_bias + units},
            {given.output, given.output + ARC_CLASSES * units},
            {given.output_bias, given.output_bias + ARC_CLASSES},
            arc_constants(settings)};
}

}  // namespace

DigitNetwork::DigitNetwork(const GivenNetwork& given, const Kernels& kernels)
    : parameters(copied(given.parameters)),
      network{given.is, parameters.get(), &kernels, Table(*parameters), pool} {}

LineModel::LineModel(const LineSettings& line, const Settings& settings, const GivenWeights& given,
                     int threads, const Kernels& kernels)
    : candidates_(given.candidates, kernels),
      digits_(given.digits, kernels),
      sdnn_(given.sdnn, kernels),
      byte_to_plane_(given.byte_to_plane, given.byte_to_plane + 256),
      reader_(line, reader_settings(settings), arc_scores(given.context, settings),
              candidates_.network, digits_.network, sdnn_, byte_to_plane_.data(), threads) {
    expect(sdnn_.classes() == DIGITS + 1 &&
               sdnn_.places(line.image_height, 2 * line.image_margin + 1) > 0,
           "expected an SDNN of 11 classes for line images of this height");
}
