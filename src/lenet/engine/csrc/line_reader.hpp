// One grey line read: candidates through both digit networks, the line image through the SDNN, and
// the text that the segmentation graph and the SDNN agree on (lenet/lines/numpy_lines.py).
#pragma once
#include "arc_scores.hpp"
#include "inference.hpp"
#include "line_preparation.hpp"
#include "sdnn.hpp"

struct ReaderSettings {
    Search search;
    double min_log_probability;  // a text's log-probability counts for no less
    double sdnn_weight;          // of the SDNN's log-probabilities beside the graph's
    double digit_weight, digit_temperature;  // of the second network
    Index stride, seen;           // of the SDNN's outputs, in pixels of the line image
    double half_width;           // of a digit that no cut shows, of the text height
};

struct LineText {
    NBest n_best;                      // empty if the line has no segments
    std::vector<std::int64_t> boxes;   // of the best text's digits, in the image; count × 4
    std::vector<unsigned char> images;  // count × side × side
    CutLine cut;
};

struct ArcPenalties {
    std::vector<double> digits, nothing;
};

class LineReader {
   public:
    LineReader(const LineSettings&, const ReaderSettings&, ArcScores, const Network& candidates,
               const Network& digits, const SdnnNetwork&, const float* byte_to_plane, int threads);
    LineText read(const float* grey, Index height, Index width, bool closer) const;
    ArcPenalties penalties(const Candidates&) const;

   private:
    std::vector<float> network_penalties(const std::vector<unsigned char>& images) const;
    LineText decode(CutLine) const;
    void cut_out(const CutLine&, const LineImage&, std::pair<Index, Index> place, LineText&) const;

    LineSettings line_;
    ReaderSettings is_;
    ArcScores scores_;
    const Network &candidates_, &digits_;
    const SdnnNetwork& sdnn_;
    const float* byte_to_plane_;
    int threads_;
};
