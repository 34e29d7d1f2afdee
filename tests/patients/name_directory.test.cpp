// Who changes while nobody has sought a name yet prepares no names; what that leaves out is brought in with the next search.
#include "patients/name_directory.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace medflow;
using patients::NameDirectory;
using patients::NameEntry;

namespace {

NameEntry entry_of(std::string_view family) {
  NameEntry entry{.family = text::sort_key(family)};
  text::add_name_tokens(family, entry.tokens);
  return entry;
}

Uuid id_of(std::uint8_t number) { return Uuid{{number}}; }

/// What is stored, and the directory over it.
struct Stored {
  std::map<Uuid, std::string> rows{};
  NameDirectory names{};

  void build() {
    names.build_once([&](NameDirectory::Add add) {
      for (const auto& [id, family] : rows) add(id, entry_of(family));
    });
  }
  /// Says which patients were read.
  std::vector<Uuid> catch_up() {
    std::vector<Uuid> read;
    names.catch_up([&](std::span<const Uuid> ids, NameDirectory::Add add) {
      for (const Uuid& id : ids) {
        read.push_back(id);
        if (const auto row = rows.find(id); row != rows.end()) add(id, entry_of(row->second));
      }
    });
    return read;
  }
  std::size_t hits(std::string_view family) const {
    return names.search(text::query_tokens(family), 10, nullptr).size();
  }
};

}  // namespace

TEST_CASE("SEC-2: a change that nobody prepared names for is found by the next search") {
  Stored stored;
  CHECK_FALSE(stored.names.in_use());
  stored.rows[id_of(1)] = "Adams";
  stored.names.missed(id_of(1));  // before anybody sought: the build reads it
  stored.build();
  CHECK(stored.names.in_use());
  CHECK(stored.hits("adams") == 1);
  CHECK(stored.catch_up().empty());

  // Stored by a call that began before the build and was committed after it.
  stored.rows[id_of(2)] = "Baker";
  stored.rows[id_of(1)] = "Clark";
  stored.names.missed(id_of(2));
  stored.names.missed(id_of(1));
  CHECK(stored.hits("baker") == 0);
  CHECK(stored.catch_up() == std::vector{id_of(2), id_of(1)});
  CHECK(stored.hits("baker") == 1);
  CHECK(stored.hits("clark") == 1);
  CHECK(stored.hits("adams") == 0);
  CHECK(stored.catch_up().empty());

  stored.rows.erase(id_of(2));  // hidden
  stored.names.missed(id_of(2));
  stored.catch_up();
  CHECK(stored.hits("baker") == 0);
}

TEST_CASE("SEC-2: a change that comes while the index is built, or while it catches up, is not lost to what is older") {
  Stored stored;
  stored.rows[id_of(1)] = "Adams";
  stored.names.build_once([&](NameDirectory::Add add) {
    add(id_of(1), entry_of("Adams"));
    stored.rows[id_of(2)] = "Baker";  // committed after the snapshot
    stored.names.missed(id_of(2));
  });
  CHECK(stored.hits("baker") == 0);
  stored.names.catch_up([&](std::span<const Uuid> ids, NameDirectory::Add add) {
    for (const Uuid& id : ids) add(id, entry_of("Baker"));
    stored.names.changed(id_of(2), entry_of("Davis"));  // committed after this reading
    stored.names.missed(id_of(1));
    stored.rows[id_of(1)] = "Evans";
  });
  CHECK(stored.hits("davis") == 1);
  CHECK(stored.hits("baker") == 0);
  CHECK(stored.hits("evans") == 0);
  CHECK(stored.catch_up() == std::vector{id_of(1)});
  CHECK(stored.hits("evans") == 1);

  // A build that fails is as none: what comes until the next one is read by that.
  NameDirectory broken;
  CHECK_THROWS(broken.build_once([&](NameDirectory::Add) { throw std::runtime_error("no storage"); }));
  CHECK_FALSE(broken.in_use());
}
