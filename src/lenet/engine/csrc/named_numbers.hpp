// Named numbers: the settings of each step, by the step's name and their own.
#pragma once
#include <map>
#include <string>

#include "expect.hpp"
#include "index.hpp"

class NamedNumbers {
   public:
    explicit NamedNumbers(std::map<std::string, double> given) : given_(std::move(given)) {}
    // A number, which must be there and lie between least and most.
    double operator()(const char* name, double least, double most) const {
        const auto found = given_.find(name);
        if (found == given_.end() || !(least <= found->second && found->second <= most))
            refuse((std::string("expected the setting ") + name + " between " +
                    std::to_string(least) + " and " + std::to_string(most))
                       .c_str());
        return found->second;
    }
    Index whole(const char* name, Index least, Index most) const {
        return static_cast<Index>((*this)(name, static_cast<double>(least),
                                          static_cast<double>(most)));
    }
    float real(const char* name, double least, double most) const {
        return static_cast<float>((*this)(name, least, most));
    }

   private:
    std::map<std::string, double> given_;
};

struct Settings {
    std::map<std::string, std::map<std::string, double>> steps;
    NamedNumbers operator[](const char* step) const {
        const auto found = steps.find(step);
        if (found == steps.end())
            refuse((std::string("expected settings of the step ") + step).c_str());
        return NamedNumbers(found->second);
    }
};
