// From the segments of a line to what the networks see: preprocessing/prepare.py and
// lines/candidates.py, whose constants come along. Planes lie row by row; ink is 0 … 1.
#pragma once
#include <cstdint>
#include <utility>

// A line's ink and, for each pixel, 0 or 1 + the number of its piece.
struct Line {
    const float* ink;
    const std::int64_t* labels;
    long height, width;
};

// Its pieces: boxes (count, 4), the part each comes from, its ink, and the text that they are.
struct PieceList {
    const std::int64_t *boxes, *parts;
    const double* mass;
    long count;
    double height, upper, lower;  // of the text; its band
};

// How a digit is centred in side × side pixels; `box`: of the square that it fits.
struct Centring {
    long side, box;
    float inked, stroke;  // from which strength on it is a stroke, and of its strongest
    double middle, quantile;
};

// Room for most × count candidates: pieces first … last − 1 in a box, as an image, in a place.
struct CandidateList {
    std::int64_t *first, *last, *boxes;
    unsigned char* images;
    float* places;
};
constexpr long FEATURES = 12;

// The median top and bottom of the boxes (count, 4) that are higher than `least`, or of all.
std::pair<double, double> band_of(const std::int64_t* boxes, long count, double least);

// What surrounds the pixels of at least this strength, top, left, bottom, right; false for none.
bool ink_box(const float* ink, long height, long width, float inked, long* box);

// Whether there is ink to centre; the image is written only then.
bool centre(const float* ink, long height, long width, const Centring&, unsigned char* image);

// All unions of up to `most` neighbours that are no wider than `widest`, in pixels.
long list_candidates(const Line&, const PieceList&, long most, double widest, const Centring&,
                     const CandidateList&);

// All segments' ink within these rows (some may lie outside) and columns, brought to tall × broad
// bytes in an image with `aside` bare columns on either side.
void draw_line_image(const Line&, long top, long bottom, long left, long right, long tall,
                     long broad, long aside, unsigned char* image);
