#include "tests/conformance/file_harness.hpp"
#include "tests/conformance/suite.hpp"

MEDFLOW_STORAGE_CONFORMANCE("sqlcipher", medflow::conformance::FileHarness<true>)
