#include "tests/conformance/file_harness.hpp"
#include "tests/conformance/run_all.hpp"

MEDFLOW_STORAGE_CONFORMANCE("sqlite", medflow::conformance::FileHarness<false>)
