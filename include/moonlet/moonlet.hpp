// All of the C++ API.
//
//   Engine   the libraries, the host's functions and types; one a process is enough
//   Image    compiled sources, from which Vms are forked
//   ImageStore   images by their hash, for states that outlive the program that made them
//   Vm       one program: run, answer its Commands, freeze, thaw
//   Snapshot     where a Vm stood, to go back there
//   Value    data between the two sides, with JSON
//   Allocator    memory for programs, from the host
//
// What can fail answers std::expected with a text for people. Nothing here throws, but for
// std::bad_alloc when the process itself has no memory.
#pragma once

#include "moonlet/allocator.hpp"
#include "moonlet/block_cache.hpp"
#include "moonlet/engine.hpp"
#include "moonlet/host.hpp"
#include "moonlet/host_call.hpp"
#include "moonlet/host_object.hpp"
#include "moonlet/host_type.hpp"
#include "moonlet/image.hpp"
#include "moonlet/image_store.hpp"
#include "moonlet/json.hpp"
#include "moonlet/limits.hpp"
#include "moonlet/outcome.hpp"
#include "moonlet/snapshot.hpp"
#include "moonlet/source_check.hpp"
#include "moonlet/source_lines.hpp"
#include "moonlet/stack.hpp"
#include "moonlet/upgrade.hpp"
#include "moonlet/value.hpp"
#include "moonlet/vm.hpp"
