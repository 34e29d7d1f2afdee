#include "tests/conformance/file_harness.hpp"
#include "tests/conformance/run_all.hpp"

MEDFLOW_STORAGE_CONFORMANCE("sqlcipher", medflow::conformance::FileHarness<true>)
