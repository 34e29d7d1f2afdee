// What a patient's data has to be beyond the rules of single fields, and the parts that requests and patients have in common.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "kernel/work.hpp"
#include "medflow/patients.hpp"
#include "patients/name_directory.hpp"

namespace medflow::inline v1::patients {

/// Copies everything that a caller says about a patient from one struct to another that has the same members.
template <class From, class To>
void copy_content(const From& from, To& to) {
  to.names = from.names;
  to.unidentified = from.unidentified;
  to.birth = from.birth;
  to.sex_admin = from.sex_admin;
  to.gender_identity = from.gender_identity;
  to.identifiers = from.identifiers;
  to.phones = from.phones;
  to.emails = from.emails;
  to.addresses = from.addresses;
  to.language = from.language;
  to.zone = from.zone;
  to.interpreter = from.interpreter;
  to.deceased = from.deceased;
  to.flags = from.flags;
  to.extensions = from.extensions;
}

/// Writes telephone numbers in E.164 form, read as people of `country` write them; one that is none becomes empty, which
/// `content_errors` tells. A number that was `known` before stays as it is, whatever the plans say by now.
void normalise_phones(Patient& patient, std::span<const Phone> known, std::string_view country);

/// What shows of an identifier to who may not read it whole (RBA-5): its last four characters, of one that has no more none.
std::string masked(std::string_view value);

/// Puts the stored value in the place of each that comes back masked. Answers what is wrong: masked values that stand for none.
std::vector<FieldError> unmask(std::vector<Identifier>& said, std::span<const Identifier> stored);

/// Everything that is wrong with a patient's data on the civil date `today`, after what is known of it already.
std::vector<FieldError> content_errors(const Patient& patient, Date today, std::vector<FieldError> known = {});

/// Throws Failure invalid with all of them, if there are any.
void require_content(const Patient& patient, Date today, std::vector<FieldError> known = {});

/// The estimated birth of somebody of this age. Throws Failure invalid where neither years nor months are given, or both.
Birth birth_of_age(const Age& age, Date today);

/// The form in which identifiers are compared: without case (ASCII), spaces, dots and hyphens.
std::string normalise_identifier(std::string_view value);
/// The same for e-mail addresses: without case (ASCII).
std::string normalise_email(std::string_view email);

/// What the name index knows of a patient.
NameEntry name_entry(const Patient& patient);

/// Whether every word of the query begins a token of one of the patient's names (R5).
bool name_matches(const Patient& patient, std::span<const text::QueryToken> query);

}  // namespace medflow::inline v1::patients
