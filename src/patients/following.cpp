#include "patients/following.hpp"

#include "patients/entities.hpp"

namespace medflow::inline v1::patients {

void follow_rows(kernel::Store& store, storage::Transaction&, std::span<const kernel::RowChange> changes) {
  for (const Uuid& id : kernel::ids_of(changes, storage::layout_of<Patient>())) {
    store.names().missed(id);
    store.token_index().changed_elsewhere({id});
  }
}

}  // namespace medflow::inline v1::patients
