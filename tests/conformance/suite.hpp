// The conformance suite of storage engines. A test file names its harness (see harness.hpp) and gets every case:
//
//     MEDFLOW_STORAGE_CONFORMANCE("memory", MemoryHarness)
//
// Every engine passes all of it, a third party's too; there is nothing to switch off.
#pragma once

#include "tests/conformance/model.hpp"
#include "tests/conformance/rows.hpp"
#include "tests/conformance/scans.hpp"
#include "tests/conformance/stores.hpp"
#include "tests/conformance/transactions.hpp"

#define MEDFLOW_CONFORMANCE_CASE(engine, harness, function, sentence) \
  TEST_CASE("TEN-3: " engine ": " sentence) {                         \
    harness its_harness;                                              \
    ::medflow::conformance::function(its_harness);                    \
  }

#define MEDFLOW_STORAGE_CONFORMANCE(engine, harness)                                                                  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, cells_come_back, "cells come back as they went in, empty is not null")    \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, many_keys_at_once, "many keys are looked up at once")                     \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, large_cells, "a cell of a mebibyte comes back")                           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, visitors_may_read, "a visitor may read and not write")                    \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, unique_indexes, "a unique index holds a value once and null often")       \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, composite_keys, "a key of two columns is unique as a whole")              \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, a_conflict_leaves_the_rest,                                               \
                           "a conflict leaves the rest of the transaction")                                           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, exclusions, "ranges of one group do not overlap")                         \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, exclusion_and_nulls, "a row with a null takes no part in the exclusion")  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, exclusion_of_updates, "a range may move where nothing else is")           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, updates_and_revisions, "an update takes the revision that it expects")    \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, erasing, "an erased row is gone from every index")                        \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, append_only_tables, "an append-only table refuses updates and erasures")  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, rows_of_another_shape, "a call that does not fit the schema is refused")  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, integers_in_order, "integers are scanned in order and within bounds")     \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, text_in_byte_order, "text is ordered by its bytes")                       \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, bytes_in_byte_order, "bytes are ordered as unsigned, zero bytes too")     \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, nulls_in_order, "nulls come first and lie between no bounds")             \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, limits_and_stops, "a scan ends at its limit or when the visitor says so") \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, walking_from_a_position, "a walk page by page visits every row once")     \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, walking_within_bounds,                                                    \
                           "a position beyond a bound begins or ends the walk")                                       \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, composite_walks, "keys of two columns are walked in order")               \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, a_throw_undoes_all, "a body that throws leaves nothing")                  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, a_failed_attempt_undoes_itself,                                           \
                           "a failed attempt undoes itself and no more")                                              \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, readers_see_what_is_committed,                                            \
                           "a reader beside a writer sees what is committed")                                         \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, a_reader_keeps_its_snapshot, "a reader keeps its snapshot")               \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, a_throwing_reader_harms_nothing, "readers that throw use nothing up")     \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, writers_are_serial, "writers are serial: no increment is lost")           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, readers_beside_writers, "no reader sees half of a transaction")           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, scrubbing_keeps_the_rest, "scrubbing keeps what was not erased")          \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, closed_and_opened_again, "what was committed is there after a restart")   \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, made_once, "a store is made once and open once")                          \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, listed_and_dropped, "stores are listed and dropped one by one")           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, names_are_names, "a store's name is a plain word")                        \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, brought_up_to_date, "an older store is migrated, with leave")             \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, made_at_its_newest, "a new store is made at the newest schema")           \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, newer_is_refused, "a newer or unknown schema is refused")                 \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, a_migration_that_fails_changes_nothing,                                   \
                           "a migration that fails changes nothing")                                                  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, random_operations, "five thousand random operations agree with a model")  \
  MEDFLOW_CONFORMANCE_CASE(engine, harness, random_exclusions, "random ranges are taken if and only if they are free")
