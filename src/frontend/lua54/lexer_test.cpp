#include "frontend/lua54/lexer.hpp"

#include <gtest/gtest.h>

#include "frontend/lua54/character.hpp"

namespace moonlet::frontend::lua54 {
namespace {

struct Scanner {
  explicit Scanner(std::string text) : source(std::move(text)) { lexer.advance(); }

  std::string source;
  Arena arena;
  NameTable names{arena};
  Lexer lexer{source, names, "=x"};
};

// The value of a string literal, and the line after it.
std::string value_of(const std::string& literal, std::int32_t line = 1) {
  Scanner scanner(literal);
  EXPECT_EQ(scanner.lexer.kind(), kTokenString) << scanner.lexer.error_message();
  EXPECT_EQ(scanner.lexer.line(), line);
  return scanner.lexer.kind() == kTokenString ? std::string(scanner.lexer.current().name->text())
                                              : "";
}

TEST(Lexer, ShortStrings) {
  EXPECT_EQ(value_of("'abc'"), "abc");
  EXPECT_EQ(value_of(R"('a"b')"), "a\"b");
  EXPECT_EQ(value_of(R"("a'b")"), "a'b");
  EXPECT_EQ(value_of(R"("\a\b\f\n\r\t\v\\\"\'")"), "\a\b\f\n\r\t\v\\\"'");
  EXPECT_EQ(value_of(R"("\x41\65\0651")"), "AAA1");
  EXPECT_EQ(value_of("'a\\\nb'", 2), "a\nb");
  EXPECT_EQ(value_of("'a\\\r\nb'", 2), "a\nb");
  EXPECT_EQ(value_of("'a\\z \n\t b'", 2), "ab");
  EXPECT_EQ(value_of(std::string("'a\0b'", 5)), std::string("a\0b", 3));
}

TEST(Lexer, UnicodeEscapes) {
  EXPECT_EQ(value_of(R"("\u{0}\u{7f}")"), std::string("\0\x7f", 2));
  EXPECT_EQ(value_of(R"("\u{80}\u{7ff}")"), "\xc2\x80\xdf\xbf");
  EXPECT_EQ(value_of(R"("\u{800}\u{ffff}")"), "\xe0\xa0\x80\xef\xbf\xbf");
  EXPECT_EQ(value_of(R"("\u{10000}\u{1fffff}")"), "\xf0\x90\x80\x80\xf7\xbf\xbf\xbf");
  EXPECT_EQ(value_of(R"("\u{200000}\u{7fffffff}")"),
            "\xf8\x88\x80\x80\x80\xfd\xbf\xbf\xbf\xbf\xbf");
}

TEST(Lexer, LongStrings) {
  EXPECT_EQ(value_of("[[a]]"), "a");
  EXPECT_EQ(value_of("[[\na]]", 2), "a");
  EXPECT_EQ(value_of("[==[a]]b]=]c]==]"), "a]]b]=]c");
  EXPECT_EQ(value_of("[[\r\na\r\nb\rc\n\rd]]", 5), "a\nb\nc\nd");
  EXPECT_EQ(value_of("[[]]"), "");
}

TEST(Lexer, Comments) {
  Scanner scanner("-- a\n--[b\n--[[c\n]]--[=[d]]\n]=]\nend");
  EXPECT_EQ(scanner.lexer.kind(), kTokenEnd);
  EXPECT_EQ(scanner.lexer.line(), 6);
}

TEST(Lexer, SymbolsTakeTheLongestForm) {
  Scanner scanner("... .. . == = <= << < ~= ~ // / :: : >> >= [ [a");
  const int expected[] = {
      kTokenDots, kTokenConcat, '.', kTokenEq,   '=',        kTokenLe,          kTokenShl,
      '<',        kTokenNe,     '~', kTokenIDiv, '/',        kTokenDoubleColon, ':',
      kTokenShr,  kTokenGe,     '[', '[',        kTokenName, kTokenEof};
  for (const int kind : expected) {
    EXPECT_EQ(scanner.lexer.kind(), kind);
    scanner.lexer.advance();
  }
}

TEST(Lexer, EqualTextsAreOneName) {
  Scanner scanner("abc 'abc' \"a\\98c\" [[abc]]");
  const Name* name = scanner.lexer.current().name;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(scanner.lexer.current().name, name);
    scanner.lexer.advance();
  }
}

TEST(Lexer, EndsAfterAnError) {
  Scanner scanner("a 3x b c d");
  scanner.lexer.advance();
  EXPECT_TRUE(scanner.lexer.has_failed());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(scanner.lexer.kind(), kTokenEof);
    scanner.lexer.advance();
  }
}

TEST(Character, PartsOfANameAreCountedInAWord) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text = "aZ_09zA_";
      text[at] = static_cast<char>(c);
      const std::size_t expected = has_class(text[at], kNamePart) ? 8 : at;
      ASSERT_EQ(name_parts(base::load_word(text.data())), expected) << c << " at " << at;
    }
  }
}

}  // namespace
}  // namespace moonlet::frontend::lua54
