#include "resample.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

double weight(Way way, double away) {
    if (way == Way::box) return away > -0.5 && away <= 0.5 ? 1 : 0;
    away = std::fabs(away);
    if (way == Way::bilinear) return away < 1 ? 1 - away : 0;
    constexpr double a = -0.5;  // Keys' cubic
    if (away < 1) return ((a + 2) * away - (a + 3)) * away * away + 1;
    return away < 2 ? (((away - 5) * away + 8) * away - 4) * a : 0;
}

double reach(Way way) { return way == Way::box ? 0.5 : way == Way::bilinear ? 1 : 2; }

// What one pixel is made of: the weights of `count` pixels from `first` on.
struct Share {
    Index first, count;
    const double* weights;
};

class Shares {
   public:
    Shares(Index length, Index wanted, Way way) : shares_(wanted) {
        const double scale = static_cast<double>(length) / static_cast<double>(wanted);
        const double wide = std::max(scale, 1.0), support = reach(way) * wide;
        const Index most = static_cast<Index>(std::ceil(support)) * 2 + 1;
        weights_.resize(wanted * most);
        for (Index k = 0; k < wanted; ++k) {
            const double middle = (static_cast<double>(k) + 0.5) * scale;
            const Index first = std::max<Index>(0, static_cast<Index>(middle - support + 0.5));
            const Index end = std::min(length, static_cast<Index>(middle + support + 0.5));
            double* const own = &weights_[k * most];
            double sum = 0;
            for (Index x = first; x < end; ++x) {
                const double away = static_cast<double>(x) - middle + 0.5;
                sum += own[x - first] = weight(way, away * (1 / wide));
            }
            for (Index x = first; x < end; ++x)
                if (sum != 0) own[x - first] /= sum;
            shares_[k] = {first, std::max<Index>(end - first, 0), own};
        }
    }
    const Share& operator[](Index k) const { return shares_[k]; }

   private:
    std::vector<double> weights_;
    std::vector<Share> shares_;
};

constexpr int ROWS = 4;  // summed side by side, so that no sum waits for the one before

template <int rows>
void rows_across(const float* plane, Index width, const Shares& shares, Index broad, float* into) {
    for (Index k = 0; k < broad; ++k) {
        const Share& share = shares[k];
        const float* const from = plane + share.first;
        double sums[rows] = {};
        for (Index x = 0; x < share.count; ++x)
            for (int row = 0; row < rows; ++row)
                sums[row] += static_cast<double>(from[row * width + x]) * share.weights[x];
        for (int row = 0; row < rows; ++row)
            into[row * broad + k] = static_cast<float>(sums[row]);
    }
}

void across(const float* plane, Index height, Index width, Index broad, Way way, float* into) {
    if (broad == width) return void(std::copy(plane, plane + height * width, into));
    const Shares shares(width, broad, way);
    Index y = 0;
    for (; y + ROWS <= height; y += ROWS)
        rows_across<ROWS>(plane + y * width, width, shares, broad, into + y * broad);
    for (; y < height; ++y)
        rows_across<1>(plane + y * width, width, shares, broad, into + y * broad);
}

void down(const float* plane, Index height, Index width, Index tall, Way way, float* into) {
    if (tall == height) return void(std::copy(plane, plane + height * width, into));
    const Shares shares(height, tall, way);
    std::vector<double> sums(width);
    for (Index k = 0; k < tall; ++k) {
        const Share& share = shares[k];
        std::fill(sums.begin(), sums.end(), 0.0);
        for (Index y = 0; y < share.count; ++y) {
            const float* const from = plane + (share.first + y) * width;
            const double weight = share.weights[y];
            for (Index x = 0; x < width; ++x) sums[x] += static_cast<double>(from[x]) * weight;
        }
        for (Index x = 0; x < width; ++x) into[k * width + x] = static_cast<float>(sums[x]);
    }
}

}  // namespace

void resample(const float* plane, Index height, Index width, Index tall, Index broad, Way way,
              float* into) {
    // The order of preprocessing/resample.py, which is Pillow 13's.
    if (tall < height && height - tall > 2 * (width - broad)) {
        std::vector<float> between(tall * width);
        down(plane, height, width, tall, way, between.data());
        return across(between.data(), tall, width, broad, way, into);
    }
    std::vector<float> between(height * broad);
    across(plane, height, width, broad, way, between.data());
    down(between.data(), height, broad, tall, way, into);
}
