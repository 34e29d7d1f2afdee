// The tables that the conformance suite keeps in an engine: every kind of cell, key and index that the plug allows.
#pragma once

#include <array>
#include <cstdint>

#include "medflow/storage/engine.hpp"

namespace medflow::conformance {

using namespace storage;

/// Keyed by bytes; a unique number, names that may be missing, revisions.
namespace people {
enum : std::uint8_t { id, number, name, note, revision };
inline constexpr Column columns[] = {{.name = "id", .kind = CellKind::bytes},
                                     {.name = "number", .kind = CellKind::integer, .nullable = true},
                                     {.name = "name", .kind = CellKind::text, .nullable = true},
                                     {.name = "note", .kind = CellKind::bytes, .nullable = true},
                                     {.name = "revision", .kind = CellKind::integer}};
inline constexpr std::uint8_t by_number[] = {number};
inline constexpr std::uint8_t by_name[] = {name, number};
inline constexpr Index indexes[] = {{.name = "by_number", .columns = by_number, .unique = true},
                                    {.name = "by_name", .columns = by_name}};
inline constexpr Table table{.id = 1, .name = "people", .columns = columns, .revision = revision, .indexes = indexes};
}  // namespace people

/// Keyed by a number and only ever added to.
namespace entries {
enum : std::uint8_t { seq, kind, body };
inline constexpr Column columns[] = {{.name = "seq", .kind = CellKind::integer},
                                     {.name = "kind", .kind = CellKind::integer},
                                     {.name = "body", .kind = CellKind::bytes}};
inline constexpr std::uint8_t by_kind[] = {kind};
inline constexpr Index indexes[] = {{.name = "by_kind", .columns = by_kind}};
inline constexpr Table table{.id = 2, .name = "entries", .columns = columns, .indexes = indexes, .append_only = true};
}  // namespace entries

/// Claims on time: no two of one resource and lane at once.
namespace claims {
enum : std::uint8_t { resource, id, lane, from, to, revision };
inline constexpr Column columns[] = {{.name = "resource", .kind = CellKind::text},
                                     {.name = "id", .kind = CellKind::integer},
                                     {.name = "lane", .kind = CellKind::integer, .nullable = true},
                                     {.name = "from", .kind = CellKind::integer},
                                     {.name = "to", .kind = CellKind::integer, .nullable = true},
                                     {.name = "revision", .kind = CellKind::integer}};
inline constexpr std::uint8_t equal[] = {resource, lane};
inline constexpr std::uint8_t by_from[] = {lane, from};
inline constexpr std::uint8_t by_id[] = {id, lane};
inline constexpr Index indexes[] = {{.name = "by_from", .columns = by_from},
                                    {.name = "by_id", .columns = by_id, .unique = true}};
inline constexpr Table table{.id = 3,
                             .name = "claims",
                             .columns = columns,
                             .key_columns = 2,
                             .revision = revision,
                             .indexes = indexes,
                             .exclusion = Exclusion{.name = "no_overlap", .equal = equal, .from = from, .to = to}};
}  // namespace claims

/// The same where the key leads to the ranges: it holds when a stay was planned for, which begins at most 20 before that and ends at
/// most 100 behind it.
namespace stays {
enum : std::uint8_t { resource, planned, id, from, to, lane, revision };
inline constexpr Column columns[] = {
    {.name = "resource", .kind = CellKind::text},   {.name = "planned", .kind = CellKind::integer},
    {.name = "id", .kind = CellKind::integer},      {.name = "from", .kind = CellKind::integer},
    {.name = "to", .kind = CellKind::integer},      {.name = "lane", .kind = CellKind::integer, .nullable = true},
    {.name = "revision", .kind = CellKind::integer}};
inline constexpr std::uint8_t equal[] = {resource, lane};
inline constexpr Nearness near{.before = 20, .after = 100};
inline constexpr Table table{
    .id = 4,
    .name = "stays",
    .columns = columns,
    .key_columns = 3,
    .revision = revision,
    .exclusion = Exclusion{.name = "no_overlap", .equal = equal, .from = from, .to = to, .near = near}};
inline constexpr SchemaChange changes[] = {{.table = &table}};
inline constexpr Migration migrations[] = {{.number = 1, .name = "stays", .changes = changes}};
inline constexpr Schema schema{.name = "stays", .migrations = migrations};
}  // namespace stays

inline constexpr SchemaChange first_changes[] = {{.table = &people::table}, {.table = &entries::table}};
inline constexpr SchemaChange second_changes[] = {{.table = &claims::table}};
inline constexpr Migration migrations[] = {{.number = 1, .name = "people and entries", .changes = first_changes},
                                           {.number = 2, .name = "claims", .changes = second_changes}};
inline constexpr Schema schema{.name = "conformance", .migrations = migrations};

/// What the database looked like before its second migration.
inline constexpr Schema older_schema{.name = "conformance", .migrations = std::span{migrations}.first(1)};

/// The same with a third migration, which adds a column and an index to `people`.
namespace grown {
inline constexpr Column columns[] = {people::columns[0], people::columns[1],
                                     people::columns[2], people::columns[3],
                                     people::columns[4], {.name = "ward", .kind = CellKind::integer, .nullable = true}};
inline constexpr std::uint8_t by_ward[] = {5};
inline constexpr Index indexes[] = {people::indexes[0], people::indexes[1], {.name = "by_ward", .columns = by_ward}};
inline constexpr Table table{
    .id = 1, .name = "people", .columns = columns, .revision = people::revision, .indexes = indexes};
inline constexpr SchemaChange first_changes[] = {{.table = &table}, {.table = &entries::table}};
inline constexpr SchemaChange third_changes[] = {{.table = &table, .add_column = 5}, {.table = &table, .add_index = 2}};
inline constexpr Migration migrations[] = {{.number = 1, .name = "people and entries", .changes = first_changes},
                                           {.number = 2, .name = "claims", .changes = second_changes},
                                           {.number = 3, .name = "wards", .changes = third_changes}};
inline constexpr Schema schema{.name = "conformance", .migrations = migrations};
}  // namespace grown

/// A third migration that cannot be applied where two people bear one name.
namespace strict {
inline constexpr std::uint8_t by_name_alone[] = {people::name};
inline constexpr Index indexes[] = {
    people::indexes[0], people::indexes[1], {.name = "by_name_alone", .columns = by_name_alone, .unique = true}};
inline constexpr Table table{
    .id = 1, .name = "people", .columns = people::columns, .revision = people::revision, .indexes = indexes};
inline constexpr SchemaChange first_changes[] = {{.table = &table}, {.table = &entries::table}};
inline constexpr SchemaChange third_changes[] = {{.table = &table, .add_index = 2}};
inline constexpr Migration migrations[] = {{.number = 1, .name = "people and entries", .changes = first_changes},
                                           {.number = 2, .name = "claims", .changes = second_changes},
                                           {.number = 3, .name = "names", .changes = third_changes}};
inline constexpr Schema schema{.name = "conformance", .migrations = migrations};
}  // namespace strict

/// Tables with a sparse index each: one with few columns, and one whose rows are long.
namespace sparse {
enum : std::uint8_t { id, ward, bed, revision };
inline constexpr Column columns[] = {{.name = "id", .kind = CellKind::bytes},
                                     {.name = "ward", .kind = CellKind::integer, .nullable = true},
                                     {.name = "bed", .kind = CellKind::text, .nullable = true},
                                     {.name = "revision", .kind = CellKind::integer},
                                     {.name = "a", .kind = CellKind::integer, .nullable = true},
                                     {.name = "b", .kind = CellKind::integer, .nullable = true},
                                     {.name = "c", .kind = CellKind::integer, .nullable = true},
                                     {.name = "d", .kind = CellKind::integer, .nullable = true},
                                     {.name = "e", .kind = CellKind::integer, .nullable = true},
                                     {.name = "f", .kind = CellKind::integer, .nullable = true},
                                     {.name = "g", .kind = CellKind::integer, .nullable = true}};
inline constexpr std::uint8_t by_ward[] = {ward, bed};
inline constexpr Index indexes[] = {{.name = "by_ward", .columns = by_ward, .sparse = true}};
inline constexpr Table narrow{
    .id = 1, .name = "narrow", .columns = std::span{columns}.first(4), .revision = revision, .indexes = indexes};
inline constexpr Table wide{.id = 2, .name = "wide", .columns = columns, .revision = revision, .indexes = indexes};
inline constexpr SchemaChange changes[] = {{.table = &narrow}, {.table = &wide}};
inline constexpr Migration migrations[] = {{.number = 1, .name = "beds", .changes = changes}};
inline constexpr Schema schema{.name = "sparse", .migrations = migrations};
}  // namespace sparse

}  // namespace medflow::conformance
