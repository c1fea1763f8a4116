/* A tool of valgrind's: instructions between two safepoints.
 *
 * Every instruction of the program and its libraries is counted, by function. At each entry of
 * moonlet::vm::safepoint(), and of what a collection asks, the count since the one before is a gap: the longest is kept, with and
 * without the collector's functions, and for the latter the functions that it was spent in. What
 * happens outside of moonlet::vm::run() is not counted.
 *
 * Built by ../safepoints against the libraries of Debian's valgrind package. It is in C, and built
 * without a C library, because tools of valgrind are. */
#include <valgrind/pub_tool_basics.h>

#include <valgrind/libvex_ir.h>
#include <valgrind/pub_tool_debuginfo.h>
#include <valgrind/pub_tool_libcassert.h>
#include <valgrind/pub_tool_libcbase.h>
#include <valgrind/pub_tool_libcprint.h>
#include <valgrind/pub_tool_libcproc.h>
#include <valgrind/pub_tool_machine.h>
#include <valgrind/pub_tool_mallocfree.h>
#include <valgrind/pub_tool_options.h>
#include <valgrind/pub_tool_tooliface.h>

#define FUNCTIONS_MAX 8192
#define SHOWN 8

static HChar* names[FUNCTIONS_MAX];
static Bool of_collector[FUNCTIONS_MAX];
static ULong counts[FUNCTIONS_MAX];  /* since the last safepoint */
static ULong longest[FUNCTIONS_MAX]; /* of the longest gap */
static UInt function_count = 0;

static Bool is_running = False;
static ULong gap_count = 0;
static ULong instruction_count = 0;
static ULong longest_gap = 0;
static ULong longest_number = 0;
static ULong longest_with_collector = 0;
static ULong gaps_over = 0;

static ULong gaps_max = 100000;
static ULong limit = 100000;

/* By names, because returns are not seen: what it calls besides counts as others' work. */
static Bool is_of_collector(const HChar* name) {
  static const HChar* const parts[] = {
      "moonlet::heap::Collector::", "moonlet::heap::Heap::collect", "moonlet::heap::Heap::step",
      "moonlet::heap::Heap::free_", "moonlet::heap::Heap::forget_string",
      "moonlet::heap::Heap::go_on"};
  UInt n;
  for (n = 0; n < sizeof parts / sizeof parts[0]; ++n) {
    if (VG_(strstr)(name, parts[n]) != NULL) return True;
  }
  return False;
}

static UInt function_at(DiEpoch epoch, Addr address) {
  const HChar* name;
  UInt n;
  if (!VG_(get_fnname)(epoch, address, &name)) name = "(unknown)";
  for (n = 0; n < function_count; ++n) {
    if (VG_STREQ(names[n], name)) return n;
  }
  tl_assert(function_count < FUNCTIONS_MAX);
  names[function_count] = VG_(strdup)("gaps.name", name);
  of_collector[function_count] = is_of_collector(name);
  return function_count++;
}

static void report(void) {
  UInt shown;
  VG_(umsg)("gaps %llu instructions %llu over %llu longest %llu number %llu "
            "with the collector %llu\n",
            gap_count, instruction_count, gaps_over, longest_gap, longest_number,
            longest_with_collector);
  for (shown = 0; shown < SHOWN; ++shown) {
    UInt most = 0, n;
    for (n = 0; n < function_count; ++n) {
      if (longest[n] > longest[most]) most = n;
    }
    if (longest[most] == 0) break;
    if (of_collector[most]) {
      longest[most] = 0;
      continue;
    }
    VG_(umsg)("in %llu %s\n", longest[most], names[most]);
    longest[most] = 0;
  }
}

static void forget(void) { VG_(memset)(counts, 0, function_count * sizeof counts[0]); }

static void end_gap(void) {
  ULong gap = 0, collector = 0;
  UInt n;
  for (n = 0; n < function_count; ++n) {
    if (of_collector[n]) {
      collector += counts[n];
    } else {
      gap += counts[n];
    }
  }
  ++gap_count;
  instruction_count += gap + collector;
  if (gap + collector > longest_with_collector) longest_with_collector = gap + collector;
  if (gap > limit) ++gaps_over;
  if (gap > longest_gap) {
    longest_gap = gap;
    longest_number = gap_count;
    VG_(memcpy)(longest, counts, sizeof longest);
  }
  forget();
}

static void on_run(void) {
  is_running = True;
  forget();
}

static void on_safepoint(void) {
  if (!is_running) return;
  end_gap();
  if (gap_count < gaps_max) return;
  report();
  VG_(exit)(0);
}

static void on_end(void) {
  if (is_running) end_gap();
  is_running = False;
}

static Bool begins_with(const HChar* text, const HChar* beginning) {
  return VG_(strncmp)(text, beginning, VG_(strlen)(beginning)) == 0;
}

static void call(IRSB* out, const HChar* name, void (*function)(void)) {
  IRDirty* dirty = unsafeIRDirty_0_N(0, name, VG_(fnptr_to_fnentry)((void*)function),
                                     mkIRExprVec_0());
  addStmtToIRSB(out, IRStmt_Dirty(dirty));
}

static void add_count(IRSB* out, UInt function, UInt instructions) {
  IRExpr* address = IRExpr_Const(IRConst_U64((HWord)&counts[function]));
  IRTemp before = newIRTemp(out->tyenv, Ity_I64);
  IRTemp after = newIRTemp(out->tyenv, Ity_I64);
  if (instructions == 0) return;
  addStmtToIRSB(out, IRStmt_WrTmp(before, IRExpr_Load(Iend_LE, Ity_I64, address)));
  addStmtToIRSB(out, IRStmt_WrTmp(after, IRExpr_Binop(Iop_Add64, IRExpr_RdTmp(before),
                                                      IRExpr_Const(IRConst_U64(instructions)))));
  addStmtToIRSB(out, IRStmt_Store(Iend_LE, address, IRExpr_RdTmp(after)));
}

static IRSB* instrument(VgCallbackClosure* closure, IRSB* in, const VexGuestLayout* layout,
                        const VexGuestExtents* extents, const VexArchInfo* host, IRType guest_word,
                        IRType host_word) {
  const DiEpoch epoch = VG_(current_DiEpoch)();
  IRSB* out = deepCopyIRSBExceptStmts(in);
  UInt pending = 0, function = 0;
  Int n;
  (void)closure, (void)layout, (void)extents, (void)host, (void)guest_word, (void)host_word;
  for (n = 0; n < in->stmts_used; ++n) {
    IRStmt* statement = in->stmts[n];
    if (statement->tag == Ist_Exit) {
      add_count(out, function, pending);
      pending = 0;
    }
    addStmtToIRSB(out, statement);
    if (statement->tag == Ist_IMark) {
      const Addr address = statement->Ist.IMark.addr;
      const UInt here = function_at(epoch, address);
      const HChar* entered;
      if (here != function) {
        add_count(out, function, pending);
        pending = 0;
        function = here;
      }
      if (VG_(get_fnname_if_entry)(epoch, address, &entered)) {
        add_count(out, function, pending);
        pending = 0;
        if (begins_with(entered, "moonlet::vm::safepoint(") ||
            begins_with(entered, "moonlet::vm::stop_in_collection(")) {
          call(out, "safepoint", on_safepoint);
        }
        if (begins_with(entered, "moonlet::vm::run(")) call(out, "run", on_run);
        if (begins_with(entered, "moonlet::vm::stop_clock(")) call(out, "end", on_end);
      }
      ++pending;
    }
  }
  add_count(out, function, pending);
  return out;
}

static Bool take_option(const HChar* argument) {
  if (VG_BINT_CLO(argument, "--gaps", gaps_max, 1, 1000000000)) return True;
  if (VG_BINT_CLO(argument, "--limit", limit, 1, 1000000000)) return True;
  return False;
}

static void print_usage(void) {
  VG_(printf)("    --gaps=N     end the program after so many gaps [100000]\n"
              "    --limit=N    count gaps of more than so many instructions [100000]\n");
}

static void print_nothing(void) {}

static void start(void) {}

static void finish(Int exit_code) {
  (void)exit_code;
  report();
}

static void initialise(void) {
  VG_(details_name)("gaps");
  VG_(details_version)(NULL);
  VG_(details_description)("instructions between two safepoints");
  VG_(details_copyright_author)("");
  VG_(details_bug_reports_to)("");
  VG_(basic_tool_funcs)(start, instrument, finish);
  VG_(needs_command_line_options)(take_option, print_usage, print_nothing);
}

VG_DETERMINE_INTERFACE_VERSION(initialise)
