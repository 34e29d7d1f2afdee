// Word documents (ECMA-376): zip archives of a fixed build. Entries are unpacked as they come, and thrown away; what the list of contents at the end says
// must be what was there.
#include <zlib.h>

#include <map>

#include "documents/types/families.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::documents::types {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t unpacked_max = 200ULL * 1024 * 1024;
constexpr std::uint64_t ratio_max = 100;
constexpr std::uint64_t ratio_from = 1024 * 1024;  ///< smaller ones do no harm, however well they are packed
constexpr std::size_t entries_max = 2000;
constexpr std::size_t name_max = 512;
constexpr std::size_t types_max = 1024 * 1024;  ///< of [Content_Types].xml

constexpr std::uint32_t local_signature = 0x04034B50;
constexpr std::uint32_t central_signature = 0x02014B50;
constexpr std::uint32_t end_signature = 0x06054B50;
constexpr std::uint32_t descriptor_signature = 0x08074B50;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// Names that would leave the folder they are unpacked into.
bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > name_max || name.front() == '/' || !text::valid_utf8(name)) return false;
  if (name.find_first_of("\\:\0"sv) != std::string_view::npos ||
      text::check(name, text::Use::name) != text::TextFault::none)
    return false;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    if (part == ".." || part == "." || (part.empty() && slash < name.size())) return false;
    name.remove_prefix(std::min(slash + 1, name.size()));
  }
  return true;
}

bool is_program(std::string_view name) {
  constexpr std::string_view endings[] = {".exe", ".dll", ".js",  ".vbs",  ".ps1", ".bat", ".cmd", ".scr", ".com",
                                          ".jar", ".lnk", ".hta", ".html", ".htm", ".svg", ".php", ".py",  ".sh"};
  return std::any_of(std::begin(endings), std::end(endings),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_archive(std::string_view name) {
  constexpr std::string_view endings[] = {".zip", ".rar", ".7z",   ".gz",   ".tgz",  ".bz2",  ".xz",
                                          ".tar", ".cab", ".docx", ".docm", ".xlsx", ".xlsm", ".pptx"};
  return std::any_of(std::begin(endings), std::end(endings),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

bool begins_as_archive(std::string_view head) {
  return head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv) || head.starts_with("Rar!"sv) ||
         head.starts_with("7z\xBC\xAF"sv) || head.starts_with("\x1F\x8B"sv) || head.starts_with("BZh"sv) ||
         head.starts_with(
             "\xFD"
             "7zXZ"sv) ||
         head.starts_with("MSCF"sv);
}

bool begins_as_program(std::string_view head) {
  return head.starts_with("MZ"sv) ||
         head.starts_with(
             "\x7F"
             "ELF"sv) ||
         head.starts_with("#!"sv);
}

struct Inflate {
  z_stream stream{};
  Inflate() {
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflate() { inflateEnd(&stream); }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
};

/// An entry as its own header, or what came, has it.
struct Entry {
  std::string name{};
  std::uint32_t offset = 0;
  std::uint32_t checksum = 0;
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t method = 0;
};

class Docx final : public Inspector {
 public:
  explicit Docx(bool macros_allowed) : macros_allowed_(macros_allowed) { expect_signature(); }

  void take(std::string_view bytes, std::string& out) override {
    out += bytes;
    while (!bytes.empty()) step(bytes);
  }

  void finish(std::string&) override {
    if (state_ != State::ended) throw Failure(broken, "the document has no end");
    if (!has_types_ || !has_document_) throw Failure(type_refused, "it is an archive, and no document");
  }

 private:
  enum class State : std::uint8_t {
    signature,
    local,
    local_names,
    deflated,
    stored,
    descriptor,
    central,
    central_names,
    end,
    comment,
    ended
  };

  void expect(State state, std::size_t count) {
    state_ = state;
    gather_.want(count);
  }
  void expect_signature() { expect(State::signature, 4); }

  bool gathers(std::string_view& bytes) {
    const std::size_t before = bytes.size();
    const bool whole = gather_.take(bytes);
    at_ += before - bytes.size();
    return whole;
  }

  void step(std::string_view& bytes) {
    switch (state_) {
      case State::signature:
        if (gathers(bytes)) by_signature();
        return;
      case State::local:
        if (gathers(bytes)) read_local();
        return;
      case State::local_names:
        if (gathers(bytes)) begin_entry();
        return;
      case State::deflated:
        return inflate_some(bytes);
      case State::stored:
        return store_some(bytes);
      case State::descriptor:
        if (gathers(bytes)) read_descriptor();
        return;
      case State::central:
        if (gathers(bytes)) read_central();
        return;
      case State::central_names:
        if (gathers(bytes)) end_central();
        return;
      case State::end:
        if (gathers(bytes)) read_end();
        return;
      case State::comment:
        if (gathers(bytes)) state_ = State::ended;
        return;
      case State::ended:
        throw Failure(polyglot, "something follows where the document ends");
    }
  }

  void by_signature() {
    const auto signature = static_cast<std::uint32_t>(little(gather_.bytes(), 0, 4));
    const std::uint64_t begin = at_ - 4;
    if (signature == local_signature && central_.empty()) {
      entry_ = {.offset = static_cast<std::uint32_t>(begin)};
      return expect(State::local, 26);
    }
    if (signature == central_signature) {
      if (central_.empty() && central_at_ == 0) central_at_ = begin;
      return expect(State::central, 42);
    }
    if (signature == end_signature) {
      end_at_ = begin;
      return expect(State::end, 18);
    }
    throw Failure(broken, "a part of it is not where it should be");
  }

  void read_local() {
    const std::string& head = gather_.bytes();
    flags_ = little(head, 2, 2);
    entry_.method = little(head, 4, 2);
    entry_.checksum = static_cast<std::uint32_t>(little(head, 10, 4));
    entry_.packed = little(head, 14, 4);
    entry_.unpacked = little(head, 18, 4);
    name_size_ = static_cast<std::size_t>(little(head, 22, 2));
    const auto extra = static_cast<std::size_t>(little(head, 24, 2));
    if ((flags_ & 0x2041U) != 0) throw Failure(broken, "it is encrypted");
    if (entry_.method != 0 && entry_.method != 8) throw Failure(broken, "it is packed in a way that is not known");
    if (entry_.packed == 0xFFFFFFFF || entry_.unpacked == 0xFFFFFFFF) throw Failure(bomb, "a part of it is too large");
    if (has_descriptor() && entry_.method == 0) throw Failure(broken, "a part of it has no end that can be found");
    if (entries_.size() == entries_max) throw Failure(bomb, "it has more than 2,000 parts");
    expect(State::local_names, name_size_ + extra);
    if (name_size_ + extra == 0) begin_entry();
  }

  bool has_descriptor() const { return (flags_ & 8U) != 0; }

  void begin_entry() {
    entry_.name = gather_.bytes().substr(0, name_size_);
    if (!is_safe_name(entry_.name)) throw Failure(active, "a part of it has a name that leads out of it");
    const std::string name = lower(entry_.name);
    if (!macros_allowed_ && (name.ends_with("vbaproject.bin") || name.ends_with("vbadata.xml")))
      throw Failure(active, "it holds macros");
    if (is_archive(name)) throw Failure(bomb, "it holds another archive");
    if (is_program(name)) throw Failure(active, "it holds a program");
    if (!names_.emplace(name, entries_.size()).second) throw Failure(broken, "two parts of it have one name");
    is_types_ = entry_.name == "[Content_Types].xml";
    has_document_ = has_document_ || entry_.name == "word/document.xml";
    head_.clear();
    types_.clear();
    came_packed_ = 0;
    came_ = 0;
    sum_ = crc32(0, nullptr, 0);
    if (entry_.method == 8) {
      inflate_ = std::make_unique<Inflate>();
      state_ = State::deflated;
    } else {
      if (entry_.packed != entry_.unpacked) throw Failure(broken, "a part of it has two sizes");
      state_ = State::stored;
      if (entry_.packed == 0) end_entry();
    }
  }

  void unpacked(std::string_view some) {
    came_ += some.size();
    total_ += some.size();
    sum_ = crc32(sum_, reinterpret_cast<const Bytef*>(some.data()), static_cast<uInt>(some.size()));
    if (total_ > unpacked_max) throw Failure(bomb, "unpacked it has more than 200 MiB");
    if (head_.size() < 8) {
      head_ += some.substr(0, 8 - head_.size());
      if (begins_as_archive(head_)) throw Failure(bomb, "it holds another archive");
      if (begins_as_program(head_)) throw Failure(active, "it holds a program");
    }
    if (!is_types_) return;
    if (types_.size() + some.size() > types_max) throw Failure(bomb, "its list of types is too long");
    types_ += some;
  }

  void inflate_some(std::string_view& bytes) {
    z_stream& stream = inflate_->stream;
    std::array<char, 16384> some;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by zlib
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    while (result == Z_OK) {
      const uInt before = stream.avail_in;
      stream.next_out = reinterpret_cast<Bytef*>(some.data());
      stream.avail_out = static_cast<uInt>(some.size());
      result = inflate(&stream, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        throw Failure(broken, "a part of it does not unpack");
      came_packed_ += before - stream.avail_in;
      unpacked({some.data(), some.size() - stream.avail_out});
      if (came_ > ratio_from && came_ / ratio_max > came_packed_)
        throw Failure(bomb, "a part of it is packed too well");
      if (result == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) break;
    }
    const std::size_t used = bytes.size() - stream.avail_in;
    at_ += used;
    bytes.remove_prefix(used);
    if (result != Z_STREAM_END) return;
    inflate_.reset();
    if (!has_descriptor()) return end_entry();
    expect(State::descriptor, 4);
  }

  void store_some(std::string_view& bytes) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), entry_.packed - came_packed_));
    unpacked(bytes.substr(0, count));
    came_packed_ += count;
    at_ += count;
    bytes.remove_prefix(count);
    if (came_packed_ == entry_.packed) end_entry();
  }

  // Its signature may be missing (APPNOTE 4.3.9.3).
  void read_descriptor() {
    std::string bytes = gather_.bytes();
    if (bytes.size() == 4 && little(bytes, 0, 4) == descriptor_signature) {
      signed_ = true;
      return gather_more(16);
    }
    if (bytes.size() == 4) {
      signed_ = false;
      return gather_more(12);
    }
    if (signed_) bytes.erase(0, 4);
    entry_.checksum = static_cast<std::uint32_t>(little(bytes, 0, 4));
    entry_.packed = little(bytes, 4, 4);
    entry_.unpacked = little(bytes, 8, 4);
    end_entry();
  }
  void gather_more(std::size_t count) {
    std::string there = gather_.bytes();
    gather_.want(count);
    std::string_view view = there;
    gather_.take(view);
  }

  void end_entry() {
    if (entry_.packed != came_packed_ || entry_.unpacked != came_ || entry_.checksum != sum_)
      throw Failure(broken, "a part of it is not what its header says");
    packed_ += came_packed_;
    if (total_ > ratio_from && total_ / ratio_max > packed_) throw Failure(bomb, "it is packed too well");
    if (is_types_) read_types();
    entries_.push_back(std::move(entry_));
    entry_ = {};
    expect_signature();
  }

  void read_types() {
    has_types_ = true;
    const std::string types = lower(types_);
    if (!macros_allowed_ &&
        (types.find("macroenabled") != std::string::npos || types.find("vbaproject") != std::string::npos))
      throw Failure(active, "it holds macros");
    if (types.find("wordprocessingml") == std::string::npos)
      throw Failure(type_refused, "it is no document of this kind");
    types_.clear();
  }

  void read_central() {
    const std::string& head = gather_.bytes();
    listed_ = {.offset = static_cast<std::uint32_t>(little(head, 38, 4)),
               .checksum = static_cast<std::uint32_t>(little(head, 12, 4)),
               .packed = little(head, 16, 4),
               .unpacked = little(head, 20, 4),
               .method = little(head, 6, 2)};
    name_size_ = static_cast<std::size_t>(little(head, 24, 2));
    const std::uint64_t mode = little(head, 34, 4) >> 16U;
    const bool from_unix = byte_at(head, 1) == 3;
    if (from_unix && mode != 0 && (mode & 0xF000U) != 0x8000 && (mode & 0xF000U) != 0x4000 && (mode & 0xF000U) != 0)
      throw Failure(active, "a part of it is a link");
    const auto count = name_size_ + static_cast<std::size_t>(little(head, 26, 2) + little(head, 28, 2));
    expect(State::central_names, count);
    if (count == 0) end_central();
  }

  void end_central() {
    listed_.name = gather_.bytes().substr(0, name_size_);
    const auto found = names_.find(lower(listed_.name));
    if (found == names_.end()) throw Failure(broken, "a part that is listed is not there");
    const Entry& entry = entries_[found->second];
    if (entry.name != listed_.name || entry.offset != listed_.offset || entry.checksum != listed_.checksum ||
        entry.packed != listed_.packed || entry.unpacked != listed_.unpacked || entry.method != listed_.method)
      throw Failure(broken, "a part is not what the list says");
    if (!central_.emplace(found->second, true).second) throw Failure(broken, "a part is listed twice");
    expect_signature();
  }

  void read_end() {
    const std::string& tail = gather_.bytes();
    if (little(tail, 0, 4) != 0 || little(tail, 4, 2) != little(tail, 6, 2) || little(tail, 6, 2) != entries_.size() ||
        central_.size() != entries_.size() || entries_.empty() || little(tail, 12, 4) != central_at_ ||
        little(tail, 8, 4) != end_at_ - central_at_)
      throw Failure(broken, "its list of contents is wrong");
    const auto comment = static_cast<std::size_t>(little(tail, 16, 2));
    if (comment > trailing_max) throw Failure(polyglot, "more than 4 KiB follow where the document ends");
    expect(State::comment, comment);
    if (comment == 0) state_ = State::ended;
  }

  bool macros_allowed_;
  State state_ = State::signature;
  Gather gather_{};
  std::uint64_t at_ = 0;
  std::uint64_t flags_ = 0;
  std::size_t name_size_ = 0;
  Entry entry_{};
  Entry listed_{};
  std::vector<Entry> entries_{};
  std::map<std::string, std::size_t, std::less<>> names_{};
  std::map<std::size_t, bool> central_{};
  std::uint64_t central_at_ = 0;
  std::uint64_t end_at_ = 0;
  std::unique_ptr<Inflate> inflate_{};
  uLong sum_ = 0;
  std::uint64_t came_packed_ = 0;
  std::uint64_t came_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t packed_ = 0;
  std::string head_{};
  std::string types_{};
  bool is_types_ = false;
  bool has_types_ = false;
  bool has_document_ = false;
  bool signed_ = false;
};

}  // namespace

std::unique_ptr<Inspector> inspect_docx(bool macros_allowed) { return std::make_unique<Docx>(macros_allowed); }

}  // namespace medflow::inline v1::documents::types
