// Digits distorted at random; lenet/augmentation/warp.py is the same in numpy. Compiled once for
// each instruction set, with the compiler's vectorising on.
#include <math.h>

#include "kernels.hpp"
#include "vectors.hpp"

namespace ISA {
namespace {

constexpr int SIDE = 32, PIXELS = SIDE * SIDE, IMAGE = 28, OFFSET = 2, MOST_REACH = 30;
constexpr int FRAMED = IMAGE + 3;
constexpr float CENTRE = 16;

std::uint64_t mixed(std::uint64_t word) {
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

// Numbers −1 … 1, four from each random word of a digit.
struct Random {
    std::uint64_t start, counter = 0;
    Random(std::uint64_t stream, std::uint64_t index) : start(mixed(stream + mixed(index))) {}
    void four(float* to) {
        const std::uint64_t word = mixed(start + ++counter * 0x9E3779B97F4A7C15u);
        for (int k = 0; k < 4; ++k)
            to[k] = (static_cast<float>(word >> (16 * k) & 0xFFFF) + 0.5f) / 32768 - 1;
    }
};

// A row of sums Σ weights[|k|] · row k, of rows −reach … reach; row(k) gives where row k starts.
template <class Row>
INLINE void weigh_rows(const float* weights, int reach, Row row, float* to) {
    constexpr int n = LANES;
    for (int part = 0; part < SIDE; part += 2 * n) {  // two registers at a time, 32 = 2 × 16
        constexpr int vectors = SIDE / n < 2 ? 1 : 2;
        Vector<n> sum[vectors] = {};
        for (int k = -reach; k <= reach; ++k) {
            const float weight = weights[k < 0 ? -k : k];
            const float* const from = row(k) + part;
            each<vectors>([&](auto v) { sum[v] += weight * load_loose<n>(from + v * n); });
        }
        each<vectors>([&](auto v) { store<n>(to + part + v * n, sum[v]); });
    }
}

// Smooths a field by a Gaussian, first across rows, then within them; it wraps around.
void smooth(float* field, const float* weights, int reach) {
    alignas(64) float between[PIXELS];
    float wrapped[SIDE + 2 * MOST_REACH];
    for (int y = 0; y < SIDE; ++y)
        weigh_rows(weights, reach,
                   [&](int k) { return field + (y + k + SIDE) % SIDE * SIDE; }, between + y * SIDE);
    for (int y = 0; y < SIDE; ++y) {
        for (int x = 0; x < SIDE + 2 * reach; ++x)
            wrapped[x] = between[y * SIDE + (x - reach + SIDE) % SIDE];
        weigh_rows(weights, reach, [&](int k) { return wrapped + reach + k; }, field + y * SIDE);
    }
}

// A place in the framed image below.
inline float within(float place) {
    place = place > 0 ? place : 0;
    return place < IMAGE + 1 ? place : IMAGE + 1;
}

// Strokes made thicker (by > 0) or thinner (by < 0): towards the most, or the least, ink of a pixel
// and its four neighbours. ink: PIXELS values 0 … 1.
void thicken(float* ink, float by) {
    constexpr int WIDE = SIDE + 2;
    float framed[WIDE * WIDE] = {};
    for (int y = 0; y < SIDE; ++y)
        for (int x = 0; x < SIDE; ++x) framed[(y + 1) * WIDE + x + 1] = ink[y * SIDE + x];
    const float sign = by < 0 ? -1 : 1, amount = by * sign;
    for (int y = 0; y < SIDE; ++y)
        for (int x = 0; x < SIDE; ++x) {
            const float* const at = framed + (y + 1) * WIDE + x + 1;
            float most = sign * at[0];
            for (int step : {-1, 1, -WIDE, WIDE}) {
                const float beside = sign * at[step];
                most = most > beside ? most : beside;
            }
            ink[y * SIDE + x] = at[0] + amount * (sign * most - at[0]);
        }
}

// One of three: paper that is grey and tilted, a patch of one grey, pixels turned over.
void degrade(const Distortion& by, Random random, float* ink) {
    float u[4], v[4];  // which, how much, …
    random.four(u);
    random.four(v);
    const float amount = (u[1] + 1) / 2;
    if (u[0] < -1.0f / 3) {
        for (int k = 0; k < PIXELS; ++k) {
            const float y = (static_cast<float>(k / SIDE) - CENTRE) / CENTRE;
            const float x = (static_cast<float>(k % SIDE) - CENTRE) / CENTRE;
            const float grey = by.background * amount * (1 + u[2] * y + u[3] * x) / 2;
            const float paper = grey < 0 ? 0 : grey > 1 ? 1 : grey;
            const float both = paper + ink[k] * (1 - paper / 2);
            ink[k] = both > 1 ? 1 : both;
        }
    } else if (u[0] < 1.0f / 3) {
        const float height = by.patch * amount / 2, width = by.patch * (v[0] + 1) / 4;
        const float y = CENTRE + CENTRE * u[2], x = CENTRE + CENTRE * u[3];
        const float grey = (v[1] + 1) / 2;
        for (int k = 0; k < PIXELS; ++k) {
            const float down = static_cast<float>(k / SIDE) - y;
            const float right = static_cast<float>(k % SIDE) - x;
            if (down >= -height && down <= height && right >= -width && right <= width)
                ink[k] = grey;
        }
    } else {
        const float often = by.noise * amount;
        for (int k = 0; k < PIXELS; k += 4) {
            random.four(u);
            for (int n = 0; n < 4; ++n)
                if ((u[n] + 1) / 2 < often) ink[k + n] = 1 - ink[k + n];
        }
    }
}

// Adds the elastic field to where the pixels come from.
void bend(const Distortion& by, Random& random, float* rows, float* columns) {
    const int reach = static_cast<int>(3 * by.smoothness + 0.5f);  // as scipy truncates
    float weights[MOST_REACH + 1], total = 0;
    for (int k = 0; k <= reach; ++k) {
        weights[k] = expf(-0.5f * k * k / (by.smoothness * by.smoothness));
        total += (k ? 2 : 1) * weights[k];
    }
    for (int k = 0; k <= reach; ++k) weights[k] /= total;
    float* const both[] = {rows, columns};
    for (float* const moves : both) {
        alignas(64) float field[PIXELS];
        for (int k = 0; k < PIXELS; k += 4) random.four(field + k);
        smooth(field, weights, reach);
        for (int k = 0; k < PIXELS; ++k) moves[k] += by.elastic * field[k];
    }
}

}  // namespace

void distort(const Distortion& by, std::uint64_t stream, std::uint64_t index,
             const unsigned char* image, const float* byte_to_plane, float* plane) {
    Random random(stream, index);
    float u[8], rows[PIXELS], columns[PIXELS], inked[PIXELS];
    // u: turn, tall, wide, shear, down, right, thick, degraded
    random.four(u);
    random.four(u + 4);
    const float angle = by.rotation * u[0] * static_cast<float>(M_PI / 180);
    const float c = cosf(angle), s = sinf(angle);
    const float tall = 1 + by.scale * u[1], wide = 1 + by.scale * u[2], shear = by.shear * u[3];
    for (int k = 0; k < PIXELS; ++k) {
        const float y = static_cast<float>(k / SIDE) - CENTRE;
        const float x = static_cast<float>(k % SIDE) - CENTRE;
        const float along = shear * y + wide * x;
        rows[k] = c * tall * y - s * along + CENTRE + by.shift * u[4];
        columns[k] = s * tall * y + c * along + CENTRE + by.shift * u[5];
    }
    if (by.elastic > 0) bend(by, random, rows, columns);

    // The image framed by bare paper, one pixel before it and two after, so that interpolating
    // needs no conditions.
    float framed[FRAMED * FRAMED] = {};
    for (int y = 0; y < IMAGE; ++y)
        for (int x = 0; x < IMAGE; ++x)
            framed[(y + 1) * FRAMED + x + 1] = image[y * IMAGE + x];
    for (int k = 0; k < PIXELS; ++k) {
        const float y = within(rows[k] - OFFSET + 1), x = within(columns[k] - OFFSET + 1);
        const int top = static_cast<int>(y), left = static_cast<int>(x);
        const float down = y - static_cast<float>(top), right = x - static_cast<float>(left);
        const float* const at = framed + top * FRAMED + left;
        const float above = at[0] + right * (at[1] - at[0]);
        const float below = at[FRAMED] + right * (at[FRAMED + 1] - at[FRAMED]);
        inked[k] = (above + down * (below - above)) / 255;
    }
    if (by.thickness > 0) thicken(inked, by.thickness * u[6]);
    if ((u[7] + 1) / 2 < by.degraded) degrade(by, Random(~stream, index), inked);
    const float paper = byte_to_plane[0], ink = byte_to_plane[255] - byte_to_plane[0];
    for (int k = 0; k < PIXELS; ++k) plane[k] = paper + ink * inked[k];
}

}  // namespace ISA
