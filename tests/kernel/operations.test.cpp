#include "medflow/operations.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace medflow;

TEST_CASE("RBA-1: every operation is found by its name, and by no other") {
  std::uint16_t index = 0;
  for (const OperationRow& row : operations()) {
    CAPTURE(row.operation->name);
    CHECK(find_operation(row.operation->name) == &row);
    CHECK(row.index == index++);
    CHECK(row.request->kind == Kind::object);
  }
  CHECK(index == Operations::size);
  CHECK(find_operation("patients.nothing") == nullptr);
  CHECK(find_operation("") == nullptr);
  CHECK(find_operation("zzz") == nullptr);
}

TEST_CASE("outputs have their shapes, and contents are known") {
  CHECK(find_operation("patients.get")->shape == Shape::value);
  CHECK(find_operation("patients.list")->shape == Shape::page);
  CHECK(find_operation("audit.export")->shape == Shape::stream);
  REQUIRE(find_operation("imports.patients")->content != nullptr);
  CHECK(find_operation("imports.patients")->content->name == "content");
  CHECK(find_operation("patients.register")->content == nullptr);
}

TEST_CASE("permissions are resource.verb, each with a word of its own") {
  CHECK(permission_name(Permission::anonymous) == "anonymous");
  CHECK(permission_name(Permission::patient_create) == "patient.create");
  CHECK(permission_name(Permission::patient_read_full_identifiers) == "patient.read_full_identifiers");
  CHECK(permission_name(Permission::break_glass_review) == "break_glass.review");
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Permission::break_glass_review); ++i)
    words.insert(permission_name(static_cast<Permission>(i)));
  CHECK(words.size() == 113);
}

TEST_CASE("R15: what is protected lies in a sealed block wherever it is stored") {
  const OperationRow* get = find_operation("patients.get");
  for (const Field& field : get->output->fields) {
    CAPTURE(field.name);
    CHECK(field.is(phi) == field.is(block_flags));
  }
}
