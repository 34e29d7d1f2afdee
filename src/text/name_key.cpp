#include "text/name_key.hpp"

#include <algorithm>

#include "text/name_words.hpp"
#include "text/utf8.hpp"

namespace medflow::text {
namespace {

void add_forms(const NameWord& word, bool second_form, TokenList& out) {
  out.add(second_form ? word.second : word.first);
  if (word.parts() < 2) return;
  for (std::size_t i = 0; i < word.parts(); ++i) out.add(word.part(i, second_form));
}

void add_all_forms(const NameWord& word, TokenList& out) {
  add_forms(word, false, out);
  if (word.has_second()) add_forms(word, true, out);
}

void append_to_key(const NameWord& word, std::string& key) {
  if (!key.empty()) key += ' ';
  key += word.first;
}

void add_alternatives(const NameWord& word, bool second_form, QueryToken& out) {
  out.alternatives.push_back({second_form ? word.second : word.first});
  if (word.parts() < 2) return;
  auto& parts = out.alternatives.emplace_back();
  for (std::size_t i = 0; i < word.parts(); ++i) parts.emplace_back(word.part(i, second_form));
}

}  // namespace

bool TokenList::contains(std::string_view token) const {
  for (std::size_t i = 0; i < size(); ++i)
    if ((*this)[i] == token) return true;
  return false;
}

void TokenList::clear() {
  bytes_.clear();
  ends_.clear();
}

void TokenList::add(std::string_view token) {
  if (token.empty() || size() == tokens_max || contains(token)) return;
  bytes_ += token;
  ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

void add_name_tokens(std::string_view name, TokenList& out) {
  each_word(name, [&](const NameWord& word) { add_all_forms(word, out); });
}

void add_name_tokens(std::string_view name, TokenList& out, std::string& key) {
  each_word(name, [&](const NameWord& word) {
    add_all_forms(word, out);
    append_to_key(word, key);
  });
}

std::string sort_key(std::string_view name) {
  std::string key;
  each_word(name, [&](const NameWord& word) { append_to_key(word, key); });
  return key;
}

std::vector<QueryToken> query_tokens(std::string_view query) {
  std::vector<QueryToken> tokens;
  each_word(query, [&](const NameWord& word) {
    if (tokens.size() == query_tokens_max) return;
    QueryToken& token = tokens.emplace_back();
    add_alternatives(word, false, token);
    if (word.has_second()) add_alternatives(word, true, token);
  });
  return tokens;
}

bool searchable(std::span<const QueryToken> query) {
  if (query.size() != 1) return !query.empty();
  return code_points(query.front().alternatives.front().front()) >= 2;
}

}  // namespace medflow::text
