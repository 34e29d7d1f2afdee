// One-time links: 256 random bits of which a hash is stored, good once and not for long (USR-7).
#pragma once

#include <optional>
#include <string>

#include "crypto/hash.hpp"
#include "kernel/rows.hpp"
#include "storage/entity.hpp"

namespace medflow::inline v1::users {

inline constexpr Code link_expired{"link.expired", Errc::gone, "This link was used or has expired."};

using LinkId = Id<struct LinkTag>;

/// What whoever holds the token may do.
enum class LinkPurpose : std::uint8_t {
  reset,   ///< set a new password
  verify,  ///< have the account that they registered
};

/// One such link. Where a stranger asks for one for an address that has no use for it, a link is stored all the same, so that it costs
/// the same: it is nobody's, and its token goes nowhere.
struct StoredLink {
  LinkId id{};
  std::uint64_t revision = 0;
  LinkPurpose purpose{};
  UserId user_id{};  ///< whose account it is about, or will be; nil for nobody's
  Instant expires_at{};
  Instant created_at{};
  // What the account will be, for `verify`.
  std::string display_name{};
  std::optional<std::string> email{};
  std::string password_hash{};  ///< wrapped for `user_id`
};

/// Stores a new link and answers its token.
std::string make_link(kernel::Work& work, StoredLink& link);
/// The link of this token, where it is of this purpose, somebody's, and not too old.
std::optional<StoredLink> find_link(kernel::Work& work, const std::optional<crypto::Digest>& token,
                                    LinkPurpose purpose);
/// The link is used up, and with it all others of that account.
void end_links(kernel::Work& work, UserId user);
/// Removes links that have been too old for a day, `max` at most.
void expire_links(kernel::Work& work, std::size_t max);

}  // namespace medflow::inline v1::users

namespace medflow {

template <>
struct Words<users::LinkPurpose> {
  static constexpr std::string_view name = "LinkPurpose";
  static constexpr std::string_view words[] = {"reset", "verify"};
};

template <>
struct Described<users::StoredLink> {
  using T = users::StoredLink;
  static constexpr std::string_view name = "StoredLink";
  static constexpr Field fields[] = {
      field<&T::id>(1, "id", immutable, {.meaning = "the link's id"}),
      field<&T::revision>(2, "revision", none, {.meaning = "1: a link is never changed"}),
      field<&T::purpose>(3, "purpose", immutable, {.meaning = "what it is good for: reset, verify"}),
      field<&T::user_id>(4, "user_id", immutable, {.meaning = "whose account it is about, or will be; nil: nobody's"}),
      field<&T::expires_at>(5, "expires_at", immutable, {.meaning = "until when it is good"}),
      field<&T::created_at>(6, "created_at", immutable, {.meaning = "when it was asked for"}),
      field<&T::display_name>(7, "display_name", contact, {.meaning = "the name of who registers"}),
      field<&T::email>(8, "email", contact, {.meaning = "the address of who registers"}),
      field<&T::password_hash>(9, "password_hash", secret, {.meaning = "the wrapped hash of their password"})};
};

}  // namespace medflow

namespace medflow::kernel {

/// Links are the module's own affair: what opens one of them opens all of it.
template <>
struct Reach<users::StoredLink> {
  static bool reaches(const Work&, const users::StoredLink&) { return true; }
  static bool hidden(const users::StoredLink&) { return false; }
  static std::uint32_t classes(const Work&, const users::StoredLink&) { return contact | secret; }
};

}  // namespace medflow::kernel

namespace medflow::inline v1::storage {

template <>
struct Stored<users::StoredLink> {
  static const Entity entity;
};

}  // namespace medflow::inline v1::storage
