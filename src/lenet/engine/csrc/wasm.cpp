// The line reader for JavaScript (wasm/lenet.js): settings and weights by name, then grey lines.
// malloc and free are exported, too. Each instance has one reader.
#include <algorithm>
#include <iterator>
#include <memory>

#include "dispatch.hpp"
#include "line_model.hpp"

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace {

// Where a field of an answer lies; lenet.js reads both as 32 bits.
struct Field {
    const void* at;
    std::size_t count;
};

struct Tensor {
    const float* numbers;
    Index sides[4];
};

struct Answer {
    LineText found;
    std::string texts;  // one a line
    Field fields[5];
};

Settings settings;
std::map<std::string, Tensor> tensors;  // only looked at while the reader is made
std::unique_ptr<LineModel> model;
Answer answer;

const Tensor& tensor(const std::string& name) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) refuse(("expected the tensor " + name).c_str());
    return found->second;
}

// The numbers of a tensor that must hold so many.
const float* numbers(const std::string& name, Index count) {
    const Tensor& given = tensor(name);
    Index held = 1;
    for (Index side : given.sides) held *= side;
    expect(held == count, ("expected another size of the tensor " + name).c_str());
    return given.numbers;
}

GivenContext context_of() {
    const Tensor& hidden = tensor("context.hidden");
    const Index units = hidden.sides[0];
    return {hidden.sides[1], units, hidden.numbers, numbers("context.hidden_bias", units),
            numbers("context.output", ARC_CLASSES * units),
            numbers("context.output_bias", ARC_CLASSES)};
}

GivenNetwork network_of(const std::string& name) {
    const NamedNumbers is = settings[name.c_str()];
    return {{Squash(is.whole("squash", 0, 3)), Subsampling(is.whole("subsampling", 0, 2)),
             Head(is.whole("head", 0, 1))},
            numbers(name, PARAMETERS)};
}

std::vector<SdnnNetwork::Given> layers_of() {
    std::vector<SdnnNetwork::Given> layers;
    for (const char* layer : {"c1", "c3", "c5", "f6", "f7", "output"}) {
        const std::string name = std::string("sdnn.") + layer;
        const Tensor& is = tensor(name + ".weight");
        layers.push_back({is.sides[0], is.sides[1], is.sides[2], is.sides[3], is.numbers,
                          numbers(name + ".bias", is.sides[3])});
    }
    return layers;
}

}  // namespace

EXPORT(set_number) void set_number(const char* step, const char* name, double number) {
    settings.steps[step][name] = number;
}

// The numbers must stay where they are until the reader is made. Sides that a tensor lacks are 1.
EXPORT(set_tensor) void set_tensor(const char* name, const float* numbers, Index rows,
                                   Index columns, Index inputs, Index maps) {
    tensors[name] = {numbers, {rows, columns, inputs, maps}};
}

EXPORT(make_reader) void make_reader() {
    const GivenWeights weights{context_of(), network_of("network"), network_of("digit_network"),
                               layers_of(), numbers("byte_to_plane", 256)};
    model = std::make_unique<LineModel>(line_settings(settings), settings, weights, 1,
                                        kernels_named(""));
    tensors.clear();
}

// The fields of what a grey line (0 black … 1 white) reads as, until the next call: texts, their
// log-probabilities by the graph and by the SDNN, boxes and images of the best one's digits. Null
// without ink.
EXPORT(read_line) const Field* read_line(const float* grey, Index height, Index width, int closer) {
    answer.found = model->reader().read(grey, height, width, closer != 0);
    const LineText& found = answer.found;
    const NBest& best = found.n_best;
    if (best.texts.empty()) return nullptr;
    answer.texts.clear();
    for (const std::vector<int>& text : best.texts) {
        for (int digit : text) answer.texts += static_cast<char>('0' + digit);
        answer.texts += '\n';
    }
    const Field fields[] = {{answer.texts.data(), answer.texts.size()},
                            {best.graph.data(), best.graph.size()},
                            {best.sdnn.data(), best.sdnn.size()},
                            {found.boxes.data(), found.boxes.size()},
                            {found.images.data(), found.images.size()}};
    std::copy(std::begin(fields), std::end(fields), answer.fields);
    return answer.fields;
}
