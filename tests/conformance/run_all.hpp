// The public suite as a test of ours.
#pragma once

#include <doctest/doctest.h>

#include "medflow/conformance/suite.hpp"

#define MEDFLOW_STORAGE_CONFORMANCE(engine, harness)          \
  TEST_CASE("TEN-3, CAB-4: " engine " keeps every promise") { \
    for (const auto& one : ::medflow::conformance::cases) {   \
      INFO(one.sentence);                                     \
      harness its_harness;                                    \
      CHECK_NOTHROW(one.run(its_harness));                    \
    }                                                         \
  }
