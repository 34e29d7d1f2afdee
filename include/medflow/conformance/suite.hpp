// The conformance suite of storage engines, for whoever writes one. Give it a harness (harness.hpp) and run it in any test
// framework, or in none:
//
//     for (const auto& finding : medflow::conformance::run([] { return std::make_unique<MyHarness>(); }))
//       std::cerr << finding.sentence << ": " << finding.what << '\n';
//
// Every engine passes all of it; there is nothing to switch off. Carries the weaker promise of medflow/storage.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/conformance/model.hpp"
#include "medflow/conformance/rows.hpp"
#include "medflow/conformance/scans.hpp"
#include "medflow/conformance/stores.hpp"
#include "medflow/conformance/transactions.hpp"

namespace medflow::conformance {

/// One promise, and what shows whether an engine keeps it. `run` wants a harness of its own, with nothing in it.
struct Case {
  std::string_view sentence{};
  void (*run)(Harness&) = nullptr;
};

inline constexpr Case cases[] = {
    {"cells come back as they went in, empty is not null", cells_come_back},
    {"many keys are looked up at once", many_keys_at_once},
    {"a cell of a mebibyte comes back", large_cells},
    {"a visitor may read and not write", visitors_may_read},
    {"a unique index holds a value once and null often", unique_indexes},
    {"a key of two columns is unique as a whole", composite_keys},
    {"a conflict leaves the rest of the transaction", a_conflict_leaves_the_rest},
    {"ranges of one group do not overlap", exclusions},
    {"a row with a null takes no part in the exclusion", exclusion_and_nulls},
    {"a range may move where nothing else is", exclusion_of_updates},
    {"an update takes the revision that it expects", updates_and_revisions},
    {"an erased row is gone from every index", erasing},
    {"an append-only table refuses updates and erasures", append_only_tables},
    {"a call that does not fit the schema is refused", rows_of_another_shape},
    {"integers are scanned in order and within bounds", integers_in_order},
    {"text is ordered by its bytes", text_in_byte_order},
    {"bytes are ordered as unsigned, zero bytes too", bytes_in_byte_order},
    {"nulls come first and lie between no bounds", nulls_in_order},
    {"a sparse index has the rows with a value, as they are", sparse_indexes},
    {"a scan ends at its limit or when the visitor says so", limits_and_stops},
    {"a walk page by page visits every row once", walking_from_a_position},
    {"a position beyond a bound begins or ends the walk", walking_within_bounds},
    {"keys of two columns are walked in order", composite_walks},
    {"a body that throws leaves nothing", a_throw_undoes_all},
    {"a failed attempt undoes itself and no more", a_failed_attempt_undoes_itself},
    {"a reader beside a writer sees what is committed", readers_see_what_is_committed},
    {"a reader keeps its snapshot", a_reader_keeps_its_snapshot},
    {"readers that throw use nothing up", a_throwing_reader_harms_nothing},
    {"writers are serial: no increment is lost", writers_are_serial},
    {"no reader sees half of a transaction", readers_beside_writers},
    {"scrubbing keeps what was not erased", scrubbing_keeps_the_rest},
    {"what was committed is there after a restart", closed_and_opened_again},
    {"a store is made once and open once", made_once},
    {"stores are listed and dropped one by one", listed_and_dropped},
    {"a store's name is a plain word", names_are_names},
    {"an older store is migrated, with leave", brought_up_to_date},
    {"a new store is made at the newest schema", made_at_its_newest},
    {"a newer or unknown schema is refused", newer_is_refused},
    {"a migration that fails changes nothing", a_migration_that_fails_changes_nothing},
    {"five thousand random operations agree with a model", random_operations},
    {"random ranges are taken if and only if they are free", random_exclusions},
    {"so are ranges that lie near their key", random_stays},
};

/// A promise that was not kept.
struct Finding {
  std::string_view sentence{};
  std::string what{};
};

/// Runs every case on a harness of its own, and tells what went wrong.
inline std::vector<Finding> run(const std::function<std::unique_ptr<Harness>()>& make) {
  std::vector<Finding> findings;
  for (const Case& one : cases) {
    try {
      one.run(*make());
    } catch (const std::exception& wrong) {
      findings.push_back({.sentence = one.sentence, .what = wrong.what()});
    }
  }
  return findings;
}

}  // namespace medflow::conformance
