// Synthea's patients.csv: which column becomes what.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/patients.hpp"

namespace medflow::inline v1::imports {

/// Which of Synthea's columns stands where. Other columns are not read.
class SyntheaColumns {
 public:
  /// Nothing where the header lacks one of Id, BIRTHDATE, FIRST, LAST and GENDER.
  static std::optional<SyntheaColumns> read(std::span<const std::string> header);

  std::size_t count() const { return count_; }
  /// A row as a registration. What is wrong is appended, with the column in the place of the pointer.
  patients::Register registration(std::span<const std::string> row, std::vector<FieldError>& errors) const;

  /// The column of which a field of this registration ("/names/0/family") was made; empty where none.
  static std::string_view column_of(std::string_view pointer, const patients::Register& registration);

 private:
  std::string_view cell(std::span<const std::string> row, std::size_t column) const;

  std::vector<std::size_t> places_{};
  std::size_t count_ = 0;
};

}  // namespace medflow::inline v1::imports
