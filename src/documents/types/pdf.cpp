// PDF (ISO 32000): its end is looked at as its readers do, from behind, and what it may do by itself as it comes. The latter is the best that one
// pass can do: the names of what does harm are found in the clear, and in streams of objects packed by Flate alone. They are not found where
// - the document is encrypted,
// - a stream's filter or its kind stands in another object or more than 16 KiB before the stream, or the filter is one of several or foretells bytes,
// - the index of packed objects leads into a text, or objects lie within what seemed packed objects,
// - a script is meant without the name: that of a film's action.
// What is served is never shown in place all the same, and the rest is a scanner's. On the other hand, such a name is refused where it may be but a
// word: in a comment, and in a stream that is not packed.
#include <zlib.h>

#include <array>
#include <new>

#include "documents/types/families.hpp"

namespace medflow::inline v1::documents::types {
namespace {

constexpr std::size_t tail_bytes = 8 * 1024;
constexpr std::uint64_t dictionary_max = 16 * 1024;  ///< of a stream of objects: a few numbers
constexpr std::size_t text_max = 64 * 1024;          ///< longer ones are not believed to be one
constexpr std::uint64_t unpacked_max = 200ULL * 1024 * 1024;
constexpr std::uint64_t ratio_max = 100;
constexpr std::uint64_t ratio_from = 1024 * 1024;  ///< fewer do no harm, however well they are packed

/// Scripts, programs that it starts, other files, and films with scripts: the names of what asks for them.
constexpr std::string_view active_names[] = {"javascript", "launch",           "embeddedfile",    "embeddedfiles",
                                             "richmedia",  "richmediacontent", "richmediaexecute"};
constexpr std::size_t name_max = 3 * 16;  ///< of these, every letter of which may be written as a number

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Two bytes that are none are taken for white space by one of the readers.
bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0' || c == '\x80' || c == '\xFF';
}

bool is_delimiter(char c) {
  return c == '/' || c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' || c == '}' ||
         c == '%';
}

/// The number that a letter of "0123456789abcdef" stands for, or none.
int value_of(char c) {
  if (is_digit(c)) return c - '0';
  const char small = static_cast<char>(c | 32);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// A name in small letters, also where some are written as numbers: "J#61vaScript".
std::string plain_name(std::string_view written) {
  std::string name;
  for (std::size_t i = 0; i < written.size(); ++i) {
    char c = written[i];
    if (c == '#' && i + 2 < written.size() && value_of(written[i + 1]) >= 0 && value_of(written[i + 2]) >= 0) {
      c = static_cast<char>(value_of(written[i + 1]) * 16 + value_of(written[i + 2]));
      i += 2;
    }
    name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  return name;
}

/// Reads the bytes of a document once, each by itself, and throws where a name asks for harm. Names within a text, "(see /launch)", do not: but the
/// document must not be able to make us see a text where its readers see none. So a text counts only once it has ended as it should; where an
/// object begins within one, or where none may begin, texts are not believed in any more, and every name counts.
class Reader {
 public:
  enum class Objects : std::uint8_t { none, here, behind };

  /// Whether packed objects begin: with this byte, or behind it.
  Objects read(char c) {
    ++at_;
    const Objects objects = stream_begins(c);
    last_ = last_ << 8U | static_cast<unsigned char>(c);
    read_name(c);
    read_word(c);
    move(c);
    return objects;
  }

  /// There are no more bytes.
  void end() {
    read_name(' ');
    if (place_ == Place::text) distrust();
  }

 private:
  enum class Place : std::uint8_t { plain, text, angle, numbers, comment, stream, anywhere };
  enum class Word : std::uint8_t { none, stream, line_end };

  static constexpr std::uint64_t word(std::string_view letters) {
    std::uint64_t value = 0;
    for (const char c : letters) value = value << 8U | static_cast<unsigned char>(c);
    return value;
  }
  std::uint64_t last(unsigned bytes) const { return last_ & ((std::uint64_t{1} << 8U * bytes) - 1); }
  char before(unsigned bytes) const { return static_cast<char>(last_ >> 8U * bytes & 0xFFU); }

  [[noreturn]] static void refuse() {
    throw Failure(active, "the document holds a script or another file, or starts a program");
  }

  /// What follows the word "stream" and the end of its line.
  Objects stream_begins(char c) {
    if (word_ == Word::none) return Objects::none;
    if (word_ == Word::stream && (c == ' ' || c == '\t')) return Objects::none;
    if (word_ == Word::stream && c == '\r') {
      word_ = Word::line_end;
      return Objects::none;
    }
    const bool begins = word_ == Word::line_end || c == '\n';
    word_ = Word::none;
    if (!begins) return Objects::none;
    if (place_ == Place::plain) place_ = Place::stream;
    if (!is_near(objects_at_) || !is_near(flate_at_)) return Objects::none;
    return c == '\n' ? Objects::behind : Objects::here;
  }

  bool is_near(std::uint64_t at) const { return at != 0 && at_ - at <= dictionary_max; }

  void read_name(char c) {
    if (in_name_) {
      if (!is_space(c) && !is_delimiter(c)) {
        if (name_.size() <= name_max) name_.push_back(c);
        return;
      }
      in_name_ = false;
      if (name_.size() <= name_max) take_name(plain_name(name_));
    }
    if (c != '/') return;
    in_name_ = true;
    name_.clear();
  }

  void take_name(std::string_view name) {
    if (name == "objstm") objects_at_ = at_;
    if (name == "flatedecode" || name == "fl") flate_at_ = at_;
    if (std::find(std::begin(active_names), std::end(active_names), name) == std::end(active_names)) return;
    if (place_ != Place::text || has_dictionary_) refuse();
    has_active_ = true;
  }

  void read_word(char c) {
    const char first = before(4);
    const bool object = (last(4) >> 8U) == word("obj") && !is_letter(c) && (is_space(first) || is_digit(first));
    if (object && place_ == Place::plain && dictionaries_ == 0)
      objects_at_ = flate_at_ = 0;
    else if (object || (last(7) == word("trailer") && place_ != Place::plain))
      distrust();
    if (c != 'm' || last(6) != word("stream")) return;
    if (last_ == word("ndstream")) {
      if (place_ == Place::stream) place_ = Place::plain;
    } else if (place_ == Place::plain || place_ == Place::stream || place_ == Place::anywhere) {
      word_ = Word::stream;
    }
  }

  void distrust() {
    if (place_ == Place::text && has_active_) refuse();
    place_ = Place::anywhere;
  }

  void move(char c) {
    switch (place_) {
      case Place::plain:
        return move_plain(c);
      case Place::text:
        return move_text(c);
      case Place::angle:
        if (c == '<') ++dictionaries_;
        place_ = c == '<' || c == '>' ? Place::plain : Place::numbers;
        return;
      case Place::numbers:
        if (c == '>') place_ = Place::plain;
        return;
      case Place::comment:
        if (c == '\n' || c == '\r') place_ = Place::plain;
        return;
      case Place::stream:
      case Place::anywhere:
        return;
    }
  }

  void move_plain(char c) {
    const bool closes = c == '>' && closing_;
    closing_ = c == '>' && !closing_;
    if (closes) --dictionaries_;
    if (c == '<') place_ = Place::angle;
    if (c == '%') place_ = Place::comment;
    if (c != '(') return;
    place_ = Place::text;
    depth_ = 1;
    length_ = 0;
    escaped_ = has_active_ = has_dictionary_ = false;
  }

  void move_text(char c) {
    if (++length_ > text_max) return distrust();
    if (last(2) == word("<<")) {
      has_dictionary_ = true;
      if (has_active_) refuse();
    }
    const bool escaped = escaped_;
    escaped_ = c == '\\' && !escaped;
    if (escaped) return;
    if (c == '(') ++depth_;
    if (c == ')' && --depth_ == 0) place_ = Place::plain;
  }

  std::uint64_t at_ = 0;
  std::uint64_t last_ = 0;  ///< eight bytes
  Place place_ = Place::plain;
  Word word_ = Word::none;
  bool in_name_ = false;
  std::string name_{};
  std::uint64_t objects_at_ =
      0;  ///< where a dictionary said that there are objects, and that they are packed; 0 for nowhere
  std::uint64_t flate_at_ = 0;
  int dictionaries_ = 0;  ///< open ones
  bool closing_ = false;
  // Of a text: how deep its brackets are, and what it holds.
  std::size_t depth_ = 0;
  std::size_t length_ = 0;
  bool escaped_ = false;
  bool has_active_ = false;
  bool has_dictionary_ = false;
};

class Inflate {
 public:
  Inflate() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflate() { inflateEnd(&stream_); }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  void restart() { inflateReset(&stream_); }

  /// Unpacks what there is of `bytes`, in pieces, and takes it from their front. False once there is no more to come.
  template <class Take>
  bool take(std::string_view& bytes, Take&& unpacked) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
      stream_.avail_out = static_cast<uInt>(room_.size());
      const int state = ::inflate(&stream_, Z_NO_FLUSH);
      bytes.remove_prefix(bytes.size() - stream_.avail_in);
      unpacked(std::string_view(room_.data(), room_.size() - stream_.avail_out));
      if (state != Z_OK) return state == Z_BUF_ERROR;
    } while (stream_.avail_out == 0);
    return true;
  }

 private:
  z_stream stream_{};
  std::array<char, 16 * 1024> room_{};
};

class Pdf final : public Inspector {
 public:
  explicit Pdf(bool programs_allowed) : programs_allowed_(programs_allowed) {}

  void take(std::string_view bytes, std::string& out) override {
    tail_.add(bytes);
    if (!programs_allowed_) look_at(bytes);
    out += bytes;
  }

  void finish(std::string&) override {
    if (!programs_allowed_) {
      reader_.end();
      objects_.end();
    }
    const std::string& tail = tail_.bytes();
    const std::size_t end = tail.rfind("%%EOF");
    if (end == std::string::npos)
      throw tail_.total() > tail_bytes ? Failure(polyglot, "the document does not end within its last 4 KiB")
                                       : Failure(broken, "the document has no end");
    if (tail.size() - end - 5 > trailing_max) throw Failure(polyglot, "more than 4 KiB follow where the document ends");
    if (tail.substr(0, end).rfind("startxref") == std::string::npos)
      throw Failure(broken, "the document does not say where its parts are");
    if (ends_as_archive(std::string_view(tail).substr(end))) throw Failure(polyglot, "it is an archive too");
  }

 private:
  /// Every byte is read once, and once more where it belongs to packed objects.
  void look_at(std::string_view bytes) {
    std::size_t unpacked = packed_ ? unpack(bytes, 0) : 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const Reader::Objects objects = reader_.read(bytes[i]);
      if (objects == Reader::Objects::none) continue;
      const std::size_t begin = i + (objects == Reader::Objects::behind ? 1 : 0);
      if (packed_ || begin < unpacked) continue;
      if (inflate_ == nullptr) inflate_ = std::make_unique<Inflate>();
      inflate_->restart();
      objects_ = Reader();
      packed_ = true;
      unpacked = unpack(bytes, begin);
    }
  }

  /// Up to where `bytes` are packed objects, which begin or go on at `from`.
  std::size_t unpack(std::string_view bytes, std::size_t from) {
    std::string_view rest = bytes.substr(from);
    packed_ = inflate_->take(rest, [this](std::string_view objects) {
      unpacked_ += objects.size();
      if (unpacked_ > unpacked_max || (unpacked_ > ratio_from && unpacked_ / ratio_max > tail_.total()))
        throw Failure(bomb, "the document's objects take too much room");
      for (const char c : objects) objects_.read(c);
    });
    if (!packed_) objects_.end();
    return bytes.size() - rest.size();
  }

  bool programs_allowed_;
  Tail tail_{tail_bytes};
  Reader reader_{};
  Reader objects_{};  ///< of what is unpacked
  bool packed_ = false;
  std::unique_ptr<Inflate> inflate_{};
  std::uint64_t unpacked_ = 0;
};

}  // namespace

std::unique_ptr<Inspector> inspect_pdf(bool programs_allowed) { return std::make_unique<Pdf>(programs_allowed); }

}  // namespace medflow::inline v1::documents::types
