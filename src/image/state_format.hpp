// Numbers of the state format that writer and reader share. docs/formats/state.md specifies them.
#pragma once

#include <cstdint>

#include "heap/object.hpp"

namespace moonlet::image {

using heap::kIdentityMax;

// Tags of values that are no CBOR values of their own.
inline constexpr std::uint64_t kTagObject = 6;    // number of an object of the state
inline constexpr std::uint64_t kTagBuiltin = 7;   // number in the list of builtin names
inline constexpr std::uint64_t kTagBase = 8;      // number of a base object
inline constexpr std::uint64_t kTagLight = 9;     // light userdata
inline constexpr std::uint64_t kTagDeadKey = 10;  // identity of an object that is no more
inline constexpr std::uint64_t kTagVector = 11;   // three floats of 4 bytes, the least one first
inline constexpr std::uint64_t kTagVectorKey =
    12;  // number of the string that is a vector as a key

// Typed arrays of RFC 8746: elements of 8 bytes, the least significant one first.
inline constexpr std::uint64_t kTagIntegers = 79;
inline constexpr std::uint64_t kTagFloats = 86;

// What an object's head begins with. That of a string without an identity is a bare byte string.
enum class Record : std::uint8_t {
  String,
  Table,
  Closure,
  Cell,
  OpenCell,
  Userdata,
  Thread,
  Buffer,
  Chunk,
  Function,
  ShapedTable,
  Shape,
  Bytes
};

// What is written of a buffer: not the zeros at its end, but one byte of 1,024 at least, so that
// the memory that a state takes has a bound (thaw.cpp).
inline constexpr std::size_t kBufferShare = 1024;
constexpr std::size_t written_bytes_min(std::size_t size) {
  return (size + kBufferShare - 1) / kBufferShare;
}

// Link of a frame: Lua, LuaTail, or kLinkOther + LinkKind, plus flags.
inline constexpr std::uint64_t kFrameLua = 0;
inline constexpr std::uint64_t kFrameLuaTail = 1;
inline constexpr std::uint64_t kFrameOther = 2;
inline constexpr std::uint64_t kFrameFlagOpenTop = 16;
inline constexpr std::uint64_t kFrameFlagTailCalled = 32;

}  // namespace moonlet::image
