// Grey planes from Python, arrays to Python, and the preparation of lines that readers share.
#pragma once
#include <initializer_list>

#include "arrays.hpp"
#include "settings.hpp"

using Plane = Given<float, nb::shape<-1, -1>>;

using Labels = Given<std::int64_t, nb::shape<-1, -1>>;
using Shares = Given<float, nb::shape<-1>>;
using Places = Given<std::int64_t, nb::shape<-1, 2>>;

// A plane of at least one pixel; all its values are copied and lie between 0 and 1.
struct Grey {
    Index height, width;
    std::vector<float> values;
    explicit Grey(const Plane& plane)
        : height(static_cast<Index>(plane.shape(0))), width(static_cast<Index>(plane.shape(1))) {
        expect(plane.size() > 0 && plane.size() <= size_t(MOST_PIXELS),
               "expected a plane of 1 … 2^28 pixels");
        values.assign(numbers_of(plane), plane.data() + plane.size());
        for (float value : values) expect(value >= 0 && value <= 1, "expected values 0 … 1");
    }
};

// A numpy array that takes the numbers over; shape[0] may be 0.
template <class T>
nb::object given_away(std::vector<T> numbers, std::initializer_list<size_t> shape) {
    auto* held = new std::vector<T>(std::move(numbers));
    nb::capsule owner(held, [](void* at) noexcept { delete static_cast<std::vector<T>*>(at); });
    return nb::cast(nb::ndarray<nb::numpy, T>(held->data(), shape.size(), shape.begin(), owner));
}

template <class Work>
auto without_lock(Work work) {
    const nb::gil_scoped_release unlocked;
    return work();
}

// A dict of settings for each step; what is no number is left out.
Settings settings_of(const nb::dict&);

// Ink, labels, boxes, parts, masses, and the height of the text: the fields of Segments in Python.
nb::tuple given_away(Segments);

class LinePreparation {
   public:
    explicit LinePreparation(const nb::dict& settings);
    // All that is known of a line; `closer` enlarges low text.
    nb::dict cut(const Plane&, bool closer) const;
    nb::dict cut_ink(const Plane&) const;
    // The ink of a line or a page without ruled lines.
    nb::object ink(const Plane&, Index field, bool page) const;
    // Boxes and ink of the connected components of a page.
    nb::tuple page_parts(const Plane&, Index field) const;
    // What windows (n, 28, 28) at these places show of a line's segments.
    nb::object windows(const Plane& ink, const Labels&, const Shares&, Index tall, Index broad,
                       bool averaged, const Places&) const;
    const LineSettings& settings() const { return is_; }

   private:
    nb::dict described(CutLine) const;
    LineSettings is_;
};
