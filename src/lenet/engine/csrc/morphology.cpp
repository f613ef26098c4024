#include "morphology.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace {

// DisjointSet that meet, as a forest in which a lower number is always nearer the root.
class DisjointSet {
   public:
    std::int64_t add() {
        above_.push_back(static_cast<std::int64_t>(above_.size()));
        return above_.back();
    }
    std::int64_t root(std::int64_t part) {
        while (above_[part] != part) part = above_[part] = above_[above_[part]];
        return part;
    }
    void join(std::int64_t a, std::int64_t b) {
        a = root(a), b = root(b);
        above_[std::max(a, b)] = std::min(a, b);
    }
    std::int64_t size() const { return static_cast<std::int64_t>(above_.size()); }

   private:
    std::vector<std::int64_t> above_;
};

// The larger of two rows, number by number.
void larger(const float* one, const float* other, Index width, float* to) {
    for (Index x = 0; x < width; ++x) to[x] = std::max(one[x], other[x]);
}

// The running maximum down the columns: blocks of `size` rows, maxima from their upper ends and to
// their lower ends (van Herk 1992), so that any window is the larger of two of them.
void largest_down(const float* plane, Index height, Index width, Index size, float* largest) {
    const Index before = size / 2, length = height + size - 1;
    const std::vector<float> nothing(width, -std::numeric_limits<float>::infinity());
    std::vector<float> forward(length * width), backward(length * width);
    const auto row = [&](Index k) {
        k -= before;
        return k < 0 || k >= height ? nothing.data() : plane + k * width;
    };
    for (Index k = 0; k < length; ++k)
        larger(row(k), k % size ? &forward[(k - 1) * width] : row(k), width, &forward[k * width]);
    for (Index k = length - 1; k >= 0; --k) {
        const bool ends = k + 1 == length || (k + 1) % size == 0;
        larger(row(k), ends ? row(k) : &backward[(k + 1) * width], width, &backward[k * width]);
    }
    for (Index k = 0; k < height; ++k)
        larger(&backward[k * width], &forward[(k + size - 1) * width], width, largest + k * width);
}

// A stretch of the mask in one row, and the number that it was given.
struct Run {
    Index start, end;
    std::int64_t part;
};

void add_runs(const unsigned char* row, Index width, std::vector<Run>& runs) {
    for (Index x = 0; x < width; ++x)
        if (row[x]) {
            const Index start = x;
            while (x < width && row[x]) ++x;
            runs.push_back({start, x, 0});
        }
}

}  // namespace

std::int64_t label_parts(const unsigned char* mask, Index height, Index width,
                         std::int64_t* labels) {
    DisjointSet parts;
    std::vector<Run> runs;
    std::vector<size_t> ends(height + 1, 0);  // row y has the runs ends[y] … ends[y + 1] − 1
    for (Index y = 0; y < height; ++y) {
        add_runs(mask + y * width, width, runs);
        ends[y + 1] = runs.size();
        size_t above = y ? ends[y - 1] : 0;
        for (size_t own = ends[y]; own < ends[y + 1]; ++own) {
            Run& run = runs[own];
            run.part = parts.add();
            while (above < ends[y] && runs[above].end < run.start) ++above;  // corners touch
            for (size_t k = above; k < ends[y] && runs[k].start <= run.end; ++k)
                parts.join(runs[k].part, run.part);
        }
    }
    // A root is the first run of its part, and was numbered before the others.
    std::vector<std::int64_t> number(parts.size(), 0);
    std::int64_t count = 0;
    for (std::int64_t part = 0; part < parts.size(); ++part)
        number[part] = parts.root(part) == part ? ++count : number[parts.root(part)];
    std::fill(labels, labels + height * width, 0);
    for (Index y = 0; y < height; ++y)
        for (size_t k = ends[y]; k < ends[y + 1]; ++k)
            std::fill(labels + y * width + runs[k].start, labels + y * width + runs[k].end,
                      number[runs[k].part]);
    return count;
}

void price_paths(const float* ink, Index height, Index width, float slant_cost, float* prices) {
    std::copy(ink, ink + width, prices);
    for (Index y = 1; y < height; ++y) {
        const float* const above = prices + (y - 1) * width;
        const float* const own = ink + y * width;
        float* const here = prices + y * width;
        const auto price = [&](Index x, Index left, Index right) {
            const float aside = std::min(above[left] + slant_cost, above[right] + slant_cost);
            here[x] = std::min(above[x], aside) + own[x];
        };
        const Index last = width - 1;
        price(0, 0, std::min<Index>(1, last));
        for (Index x = 1; x < last; ++x) price(x, x - 1, x + 1);
        price(last, std::max<Index>(last - 1, 0), last);
    }
}

void follow_paths(const float* prices, Index height, Index width, float slant_cost, Index row,
                  Index end, Index step, std::int64_t* paths, Index count) {
    for (Index k = 0; k < count; ++k) {
        std::int64_t* const path = paths + k * height;
        std::int64_t at = path[row];
        for (Index y = row + step; y != end; y += step) {
            const float* const line = prices + y * width;
            const std::int64_t left = std::max<std::int64_t>(at - 1, 0);
            const std::int64_t right = std::min<std::int64_t>(at + 1, width - 1);
            const float price = line[at], before = line[left] + slant_cost;
            const float after = line[right] + slant_cost;
            if (after < std::min(price, before)) at = right;
            else if (before < price) at = left;
            path[y] = at;
        }
    }
}

void turn(const float* plane, Index height, Index width, float* columns) {
    for (Index y = 0; y < height; ++y)
        for (Index x = 0; x < width; ++x) columns[x * height + y] = plane[y * width + x];
}

void running_maximum(const float* plane, Index height, Index width, Index size, int axis,
                     float* largest) {
    if (!axis) return largest_down(plane, height, width, size, largest);
    std::vector<float> columns(height * width), found(height * width);
    turn(plane, height, width, columns.data());
    largest_down(columns.data(), width, height, size, found.data());
    turn(found.data(), width, height, largest);
}

// Strokes narrower than this filled up: the smallest in squares of the largest in squares.
std::vector<float> closing(const std::vector<float>& plane, Index height, Index width, Index size) {
    std::vector<float> one(plane.size()), other(plane.size());
    const auto negate = [](std::vector<float>& values) {
        for (float& value : values) value = -value;
    };
    running_maximum(plane.data(), height, width, size, 0, one.data());
    turn(one.data(), height, width, other.data());
    running_maximum(other.data(), width, height, size, 0, one.data());
    negate(one);
    running_maximum(one.data(), width, height, size, 0, other.data());
    turn(other.data(), width, height, one.data());
    running_maximum(one.data(), height, width, size, 0, other.data());
    negate(other);
    return other;
}

void sum_squares(const float* plane, Index height, Index width, Index size, float* sums) {
    const Index half = size / 2;
    std::vector<double> rows(static_cast<size_t>((height + 1) * width));  // running sums downwards
    for (Index y = 0; y < height; ++y)
        for (Index x = 0; x < width; ++x)
            rows[(y + 1) * width + x] =
                rows[y * width + x] + static_cast<double>(plane[y * width + x]);
    constexpr Index TOGETHER = 4;  // rows added up side by side, so that no sum waits for another
    std::vector<double> across((width + 1) * TOGETHER, 0);
    for (Index y = 0; y < height; y += TOGETHER) {
        const Index here = std::min(TOGETHER, height - y);
        const double *upper[TOGETHER], *lower[TOGETHER];
        for (Index k = 0; k < TOGETHER; ++k) {
            const Index row = std::min(y + k, height - 1);
            upper[k] = &rows[std::min(row + half + 1, height) * width];
            lower[k] = &rows[std::max<Index>(row - half, 0) * width];
        }
        for (Index x = 0; x < width; ++x)
            for (Index k = 0; k < TOGETHER; ++k)
                across[(x + 1) * TOGETHER + k] =
                    across[x * TOGETHER + k] + (upper[k][x] - lower[k][x]);
        for (Index k = 0; k < here; ++k)
            for (Index x = 0; x < width; ++x)
                sums[(y + k) * width + x] = static_cast<float>(
                    across[std::min(x + half + 1, width) * TOGETHER + k] -
                    across[std::max<Index>(x - half, 0) * TOGETHER + k]);
    }
}

void measure_labels(const std::int64_t* labels, const float* ink, Index height, Index width,
                    std::int64_t count, std::int64_t* boxes, double* mass) {
    for (std::int64_t k = 0; k < count; ++k) {
        boxes[4 * k] = height, boxes[4 * k + 1] = width, boxes[4 * k + 2] = boxes[4 * k + 3] = 0;
        mass[k] = 0;
    }
    for (Index y = 0; y < height; ++y)
        for (Index x = 0; x < width; ++x) {
            const std::int64_t k = labels[y * width + x] - 1;
            if (k < 0) continue;
            std::int64_t* const box = boxes + 4 * k;
            box[0] = std::min<std::int64_t>(box[0], y);
            box[1] = std::min<std::int64_t>(box[1], x);
            box[2] = y + 1;
            box[3] = std::max<std::int64_t>(box[3], x + 1);
            mass[k] += static_cast<double>(ink[y * width + x]);
        }
}
