// One target under libFuzzer. The first folder that is named is the corpus: it gets the seeds that it has not got.
// MEDFLOW_FUZZ_PLANT in the environment puts the target's mistake in.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/target.hpp"

using medflow::fuzz::Broken;
using medflow::fuzz::Target;

namespace {

const Target& target = medflow::fuzz::MEDFLOW_FUZZ_TARGET;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** words) {
  medflow::fuzz::planted = std::getenv("MEDFLOW_FUZZ_PLANT") != nullptr;
  for (int i = 1; i < *count; ++i) {
    const std::filesystem::path folder = (*words)[i];
    if (!std::filesystem::is_directory(folder)) continue;
    int number = 0;
    for (const std::string& seed : target.seeds()) {
      const auto file = folder / ("seed-" + std::to_string(number++));
      if (!std::filesystem::exists(file)) std::ofstream(file, std::ios::binary) << seed;
    }
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    target.run({reinterpret_cast<const char*>(data), size});
  } catch (const Broken& broken) {
    std::fprintf(stderr, "%s: it does not hold that %s\n", std::string(target.name).c_str(), broken.what());
    std::abort();
  }
  return 0;
}
