// Ids: UUIDs (RFC 9562) in types of their own, so that a patient's id is never taken for a user's.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "medflow/export.hpp"

namespace medflow::inline v1 {

/// 16 bytes, compared in byte order. The nil UUID means "none" and is never a valid id.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  bool is_nil() const { return *this == Uuid{}; }
  /// Lower-case 8-4-4-4-12 form, 36 characters.
  MEDFLOW_API std::string text() const;
  /// Reads the 8-4-4-4-12 form in either case; refuses anything else and the nil and max UUIDs. Version and variant are
  /// not checked: other systems' ids often have neither (R1).
  MEDFLOW_API static std::optional<Uuid> parse(std::string_view text);
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// A UUID that names one kind of object.
template <class Tag>
struct Id {
  Uuid uuid{};

  bool is_nil() const { return uuid.is_nil(); }
  std::string text() const { return uuid.text(); }
  static std::optional<Id> parse(std::string_view text) {
    auto uuid = Uuid::parse(text);
    return uuid ? std::optional<Id>(Id{*uuid}) : std::nullopt;
  }

  friend auto operator<=>(const Id&, const Id&) = default;
};

using TenantId = Id<struct TenantTag>;
using FacilityId = Id<struct FacilityTag>;
using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using PatientId = Id<struct PatientTag>;
using PractitionerId = Id<struct PractitionerTag>;
using AuditEventId = Id<struct AuditEventTag>;
using RequestId = Id<struct RequestTag>;
using RoleId = Id<struct RoleTag>;
using RoleProposalId = Id<struct RoleProposalTag>;
using ServiceId = Id<struct ServiceTag>;
using ResourceId = Id<struct ResourceTag>;
using LeaveId = Id<struct LeaveTag>;
using AppointmentId = Id<struct AppointmentTag>;
using SeriesId = Id<struct SeriesTag>;
using WaitlistEntryId = Id<struct WaitlistEntryTag>;
using FeedId = Id<struct FeedTag>;
using CodeSystemId = Id<struct CodeSystemTag>;
using EncounterId = Id<struct EncounterTag>;
using RecordId = Id<struct RecordTag>;
using TaxCodeId = Id<struct TaxCodeTag>;
using PriceItemId = Id<struct PriceItemTag>;
using FeeRuleId = Id<struct FeeRuleTag>;
using PayerId = Id<struct PayerTag>;
using CoverageId = Id<struct CoverageTag>;
using InvoiceId = Id<struct InvoiceTag>;
using CreditNoteId = Id<struct CreditNoteTag>;
using WriteOffId = Id<struct WriteOffTag>;
using PaymentId = Id<struct PaymentTag>;
using RefundId = Id<struct RefundTag>;
using CashShiftId = Id<struct CashShiftTag>;
using JournalEntryId = Id<struct JournalEntryTag>;

}  // namespace medflow::inline v1

template <>
struct std::hash<medflow::Uuid> {
  std::size_t operator()(const medflow::Uuid& id) const noexcept {
    std::size_t h = 0;  // the last bytes of a version 7 UUID are random
    std::memcpy(&h, id.bytes.data() + 8, sizeof h);
    return h;
  }
};

template <class Tag>
struct std::hash<medflow::Id<Tag>> {
  std::size_t operator()(const medflow::Id<Tag>& id) const noexcept { return std::hash<medflow::Uuid>{}(id.uuid); }
};
