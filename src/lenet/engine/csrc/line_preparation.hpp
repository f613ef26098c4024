// A grey line becomes candidates and a line image: lenet/lines, step by step, whose constants come
// along. Planes lie row by row.
#pragma once
#include <cstdint>
#include <vector>

#include "background.hpp"
#include "resample.hpp"
#include "candidates.hpp"
#include "morphology.hpp"
#include "oversegmentation.hpp"

// Shares of a line's (or page's) sides that make a run of ink a ruled line; lines/line_ink.py.
struct RuleShares {
    float inked;
    double length, min_length, border_height, border_zone, thickness;
    double page_length, page_min_length, page_thickness;
};

struct LineSettings {
    Judgement ink;
    double working_height, max_width, field;  // of a line at work; of its height
    RuleShares rules;
    Cutting cutting;
    double tall;        // of the text height
    double min_height;  // of text; lower text is enlarged
    double margin;      // of the text height, around enlarged text
    Index max_joined;
    double max_candidate_width;  // of the text height
    Centring centring;
    Index image_height, image_text_height, image_margin;
};

struct PartList {
    std::vector<std::int64_t> boxes;  // count × 4
    std::vector<double> mass;
};

struct LineImage {
    std::vector<unsigned char> ink;  // height × width
    Index height, width;
    double scale, left, top;
};

// Where a line at working height lies in its image.
struct Frame {
    double scale = 1;
    Index top = 0, left = 0;
    void to_image(const std::int64_t* box, std::int64_t* into) const;
};

struct CutLine {
    Frame frame;
    Segments segments;
};

std::vector<float> line_ink(const float* grey, Index height, Index width, Index field, bool page,
                            const LineSettings&);
Segments segments_of(std::vector<float> ink, Index height, Index width, const LineSettings&);

// The segments of a grey line of any height; low text is enlarged if `closer`.
CutLine cut_line(const float* grey, Index height, Index width, bool closer, const LineSettings&);
Candidates candidates_of(const Segments&, const LineSettings&);
LineImage image_of(const Segments&, const LineSettings&);

// What 28×28 windows show of ink brought to tall × broad, each label's by its share of strength,
// with paper all around. places: top and left of each window, −28 … tall or broad.
std::vector<unsigned char> windows(const float* ink, const std::int64_t* labels, Index height,
                                   Index width, const float* shares, Index tall, Index broad,
                                   Way, const std::int64_t* places, Index count);

// Connected parts of a page's ink.
PartList page_parts(const float* grey, Index height, Index width, Index field, const LineSettings&);
