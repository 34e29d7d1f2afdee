// A host that found an installed MedFlow.
#include <cstdio>

#include "medflow/error.hpp"
#include "medflow/time.hpp"

int main() {
  const auto at = medflow::Instant::parse("2026-11-22T09:30:00+01:00");
  if (!at || at->text() != "2026-11-22T08:30:00Z") return 1;
  if (!medflow::Zone::valid("Europe/London") || medflow::error_kinds().size() != 16) return 1;
  std::puts("found MedFlow");
  return 0;
}
