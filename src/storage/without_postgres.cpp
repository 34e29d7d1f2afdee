// What a build without PostgreSQL says to whoever asks for it.
#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage {

std::unique_ptr<Engine> postgres_engine(std::string, std::string, std::size_t, Isolation) {
  throw Fault{FaultKind::misuse, "postgresql",
              "this build has no engine for PostgreSQL (CMake option MEDFLOW_POSTGRES)"};
}

}  // namespace medflow::inline v1::storage
