#include <vector>

#include "kernel/detail.fields.hpp"
#include "storage/block_codec.hpp"

namespace medflow::kernel {
namespace {

/// Reads what is there, changes it, writes it back.
template <class F>
void edit(std::string& detail, F&& change) {
  Detail parts;
  if (!storage::decode_fields(type_of<Detail>, detail, &parts)) parts = {};
  change(parts);
  detail.clear();
  storage::encode_fields(type_of<Detail>, &parts, 0, detail);
}

/// Fields that every write changes, and that the event tells anyway.
bool bookkeeping(std::string_view name) { return name == "revision" || name == "updated_at" || name == "updated_by"; }

}  // namespace

void note_changes(const Type& type, const void* before, const void* after, std::uint32_t classes, std::string& detail) {
  std::vector<FieldChange> changes;
  std::string was, is;
  for (const Field& field : type.fields) {
    const bool closed = field.is(block_flags) && !field.is(classes);
    if (closed || field.is(secret | derived) || bookkeeping(field.name)) continue;
    was.clear();
    is.clear();
    storage::encode_value(*field.type, field.at_const(before), was);
    storage::encode_value(*field.type, field.at_const(after), is);
    if (was != is) changes.push_back({.field = field.number, .before = was, .after = is});
  }
  if (changes.empty()) return;
  edit(detail, [&](Detail& parts) {
    for (FieldChange& change : changes) parts.changes.push_back(std::move(change));
  });
}

void note_reason(std::string_view reason, std::string& detail) {
  edit(detail, [&](Detail& parts) { parts.reason = reason; });
}

void note_actor(std::string_view actor, std::string& detail) {
  edit(detail, [&](Detail& parts) { parts.actor = actor; });
}

}  // namespace medflow::kernel
