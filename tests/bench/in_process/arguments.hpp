// The command line of a benchmark: pairs of a name and a value.
#pragma once

#include <cstdio>
#include <exception>
#include <map>
#include <string>

namespace medflow::bench {

/// Where each argument goes.
class Takes {
 public:
  Takes& text(const std::string& name, std::string& to) {
    texts_[name] = &to;
    return *this;
  }
  Takes& number(const std::string& name, std::size_t& to) {
    numbers_[name] = &to;
    return *this;
  }

  /// What a `main` is: reads the arguments, runs, and says what went wrong.
  template <class Run>
  int main(int count, char** values, const char* usage, Run&& run) const {
    try {
      if (!read(count, values)) {
        std::fprintf(stderr, "%s\n", usage);
        return 2;
      }
      return run();
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "%s: %s\n", values[0], failure.what());
      return 1;
    }
  }

 private:
  bool read(int count, char** values) const {
    for (int i = 1; i + 1 < count; i += 2) {
      const auto text = texts_.find(values[i]);
      const auto number = numbers_.find(values[i]);
      if (text != texts_.end())
        *text->second = values[i + 1];
      else if (number != numbers_.end())
        *number->second = std::stoul(values[i + 1]);
      else
        return false;
    }
    return count % 2 == 1;
  }

  std::map<std::string, std::string*> texts_{};
  std::map<std::string, std::size_t*> numbers_{};
};

}  // namespace medflow::bench
