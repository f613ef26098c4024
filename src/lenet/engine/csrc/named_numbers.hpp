// Named numbers from Python: a dict of settings for each step.
#pragma once
#include <nanobind/nanobind.h>

#include <stdexcept>
#include <string>

#include "index.hpp"

namespace nb = nanobind;

class NamedNumbers {
   public:
    explicit NamedNumbers(nb::dict given) : given_(std::move(given)) {}
    // The settings of one step.
    NamedNumbers operator[](const char* step) const {
        nb::dict inner;
        if (!given_.contains(step) || !nb::try_cast(given_[step], inner))
            throw std::invalid_argument(std::string("expected settings of the step ") + step);
        return NamedNumbers(std::move(inner));
    }
    // A number, which must be there and lie between least and most.
    double operator()(const char* name, double least, double most) const {
        double value;
        if (!given_.contains(name) || !nb::try_cast(given_[name], value) ||
            !(least <= value && value <= most))
            throw std::invalid_argument(std::string("expected the setting ") + name +
                                        " between " + std::to_string(least) + " and " +
                                        std::to_string(most));
        return value;
    }
    Index whole(const char* name, Index least, Index most) const {
        return static_cast<Index>((*this)(name, static_cast<double>(least),
                                          static_cast<double>(most)));
    }
    float real(const char* name, double least, double most) const {
        return static_cast<float>((*this)(name, least, most));
    }

   private:
    nb::dict given_;
};
