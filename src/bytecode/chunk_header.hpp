// The first bytes of a binary chunk, piece by piece, as the writer writes and the reader checks
// them. The reasons are those of the reference implementation.
#pragma once

#include <string_view>

namespace moonlet::bytecode {

using std::string_view_literals::operator""sv;

struct HeaderPiece {
  std::string_view bytes;
  std::string_view reason;  // why a chunk with other bytes is refused
};

inline constexpr HeaderPiece kHeader[] = {
    {"\x1bLua"sv, "not a binary chunk"},
    {"\x54"sv, "version mismatch"},
    {"\x00"sv, "format mismatch"},
    {"\x19\x93\r\n\x1a\n"sv, "corrupted chunk"},
    {"\x04"sv, "Instruction size mismatch"},
    {"\x08"sv, "lua_Integer size mismatch"},
    {"\x08"sv, "lua_Number size mismatch"},
    {"\x78\x56\0\0\0\0\0\0"sv, "integer format mismatch"},
    {"\0\0\0\0\0\x28\x77\x40"sv, "float format mismatch"},  // 370.5
    {"ML"sv, "not a chunk of Moonlet"},
    {"\x01"sv, "version mismatch"},
};

}  // namespace moonlet::bytecode
