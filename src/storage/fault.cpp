#include <utility>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {
namespace {

std::string_view text_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::unique:
      return "unique";
    case FaultKind::exclusion:
      return "exclusion";
    case FaultKind::revision:
      return "revision";
    case FaultKind::in_use:
      return "in use";
    case FaultKind::wrong_key:
      return "wrong key";
    case FaultKind::schema_newer:
      return "schema newer";
    case FaultKind::schema_outdated:
      return "schema outdated";
    case FaultKind::missing:
      return "missing";
    case FaultKind::exists:
      return "exists";
    case FaultKind::corrupt:
      return "corrupt";
    case FaultKind::full:
      return "full";
    case FaultKind::unavailable:
      return "unavailable";
    case FaultKind::unknown_outcome:
      return "unknown outcome";
    case FaultKind::misuse:
      return "misuse";
  }
  return "fault";
}

}  // namespace

Fault::Fault(FaultKind kind_of_fault, std::string its_name, std::string its_detail)
    : kind(kind_of_fault), name(std::move(its_name)), detail(std::move(its_detail)), text_(text_of(kind)) {
  if (!name.empty()) text_.append(": ").append(name);
}

}  // namespace medflow::inline v1::storage
