// What is printed around a paper, as far as the caller may see it.
#pragma once

#include <optional>
#include <span>

#include "kernel/work.hpp"
#include "printing/paper.hpp"

namespace medflow::inline v1::printing {

/// Whether everything is there, or what this caller may read.
enum class Sight : std::uint8_t { of_caller, whole };

/// With the patient's name and number, and the names of these payers.
Around around_of(kernel::Work& work, const FacilityId& facility, const std::optional<PatientId>& patient,
                 std::span<const invoices::PayerShare> shares, Sight sight);

/// What the lines of an invoice say.
std::vector<std::string> descriptions(const invoices::Invoice& invoice);

}  // namespace medflow::inline v1::printing
