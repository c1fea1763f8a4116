// Table access: hits, and misses without a metatable.

// What a key that stands in the program has been found by before (heap::Site). Each test is of a
// fact that stays true; an entry is looked at again.

// Luau's scripts have globals of their own in front of the library's.
ML_PART(GetInheritedGlobal) {
  const Table* t = ML_UPVALUE(ML_B).table();
  const Site* site = heap::site_of(k, *pc);
  if (t->metatable != nullptr &&
      (lacks_noted_key(*t, *site) || lacks_entry(*t, k[*pc].string())) &&
      load_inherited(*vm, &RA, t->metatable, *site, k[*pc].bits)) {
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::get_global);
}
ML_OP(GetGlobal) {
  const Value& object = ML_UPVALUE(ML_B);
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    const Site* site = heap::site_of(k, *pc);
    if (ML_LIKELY(load_noted_entry(&RA, *t, load_fact(site->other), k[*pc].bits)) ||
        load_noted_field(&RA, *t, load_fact(site->own))) {
      ++pc;
      ML_NEXT;
    }
    ML_GO(GetInheritedGlobal);
  }
  ML_SLOW(ops::get_global);
}
ML_PART(GetOtherField) {
  const Table* t = RB.table();
  const Site* site = heap::site_of(k, *pc);
  const std::uint64_t key = k[*pc].bits;
  const std::uint64_t other = load_fact(site->other);
  if (((other & 0xffff) != heap::kAbsentSlot && load_noted_field(&RA, *t, other)) ||
      load_noted_entry(&RA, *t, other, key)) {
    ++pc;
    ML_NEXT;
  }
  if (lacks_noted_key(*t, *site)) {
    if (t->metatable == nullptr) {
      heap::set_nil(&RA);
      ++pc;
      ML_NEXT;
    }
    if (load_inherited(*vm, &RA, t->metatable, *site, key)) {
      ++pc;
      ML_NEXT;
    }
  }
  if (const Value* found = ops::find_unnoted(*vm, *t, k[*pc].string(), *site); found != nullptr) {
    heap::copy(&RA, found);
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::get_field);
}
ML_OP(GetField) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    const Site* site = heap::site_of(k, *pc);
    if (ML_UNLIKELY(!load_noted_field(&RA, *object.table(), load_fact(site->own)))) {
      ML_GO(GetOtherField);
    }
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::get_field);
}
ML_PART(GetByString) {
  const Table* t = RB.table();
  const heap::String* key = RC.string();
  if (t->is_shaped()) {
    const Value* field = heap::table_find_field(*t, key);
    if (ML_LIKELY(field != nullptr && !field->is_nil())) {
      heap::copy(&RA, field);
      ML_NEXT;
    }
  } else {
    const Entry* entry = heap::table_find_short(*t, key);
    if (ML_LIKELY(entry != nullptr && !entry->value_is_nil())) {
      load_entry(&RA, entry);
      ML_NEXT;
    }
  }
  if (t->metatable == nullptr) {
    heap::set_nil(&RA);
    ML_NEXT;
  }
  ML_SLOW(ops::get_table);
}
ML_OP(GetTable) {
  const Value& object = RB;
  const Value& key = RC;
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    if (ML_LIKELY(is_integer(key))) {
      const std::uint64_t index = static_cast<std::uint64_t>(key.integer) - 1;
      if (ML_LIKELY(index < t->array_count)) {
        if (ML_UNLIKELY(t->array.is_packed())) {
          load_packed(&RA, t->array, index);
          ML_NEXT;
        }
        const Value* element = &t->array.values()[index];
        if (ML_LIKELY(!element->is_nil() || t->metatable == nullptr)) {
          heap::copy(&RA, element);
          ML_NEXT;
        }
      } else if (t->entry_count == 0 && t->metatable == nullptr) {
        heap::set_nil(&RA);
        ML_NEXT;
      }
    } else if (key.is_string() && !key.string()->is_long()) {
      ML_GO(GetByString);
    }
  }
  ML_SLOW(ops::get_table);
}
ML_OP(GetInteger) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    const std::uint64_t index = static_cast<std::uint64_t>(ML_C) - 1;
    if (ML_LIKELY(index < t->array_count)) {
      if (ML_UNLIKELY(t->array.is_packed())) {
        load_packed(&RA, t->array, index);
        ML_NEXT;
      }
      const Value* element = &t->array.values()[index];
      if (ML_LIKELY(!element->is_nil() || t->metatable == nullptr)) {
        heap::copy(&RA, element);
        ML_NEXT;
      }
    }
  }
  ML_SLOW(ops::get_integer);
}

// Stores over an existing value need neither metamethod nor growth. A nil store to the array's end
// shrinks it, which the slow path does.
ML_OP(SetGlobal) {
  const Value& object = ML_UPVALUE(ML_B);
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    const Site* site = heap::site_of(k, *pc);
    if (ML_LIKELY(store_noted_entry(*t, load_fact(site->other), k[*pc].bits, RA)) ||
        store_noted_field(*t, load_fact(site->own), RA)) {
      vm->heap.barrier_store(t, RA);
      ++pc;
      ML_NEXT;
    }
  }
  ML_SLOW(ops::set_global);
}
// What the collector has to know of a store of RA into the table RB, which is black.
ML_PART(TellOfField) {
  vm->heap.barrier_stored(*RB.table(), &RA, 1);
  ++pc;
  ML_NEXT;
}
ML_PART(TellOfElement) {
  vm->heap.barrier_back(RB.table(), RA);
  ML_NEXT;
}
ML_PART(SetOtherField) {
  Table* t = RB.table();
  const Site* site = heap::site_of(k, *pc);
  if (add_noted_field(*t, load_fact(site->inherited), RA) ||
      store_noted_field(*t, load_fact(site->own), RA) ||
      store_noted_entry(*t, load_fact(site->other), k[*pc].bits, RA)) {
    if (ML_UNLIKELY(t->is_black())) ML_GO(TellOfField);
    ++pc;
    ML_NEXT;
  }
  if (Value* found = ops::find_unnoted_field(*vm, *t, k[*pc].string(), *site); found != nullptr) {
    heap::copy(found, &RA);
    if (ML_UNLIKELY(t->is_black())) ML_GO(TellOfField);
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::set_field);
}
ML_OP(SetField) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    const Site* site = heap::site_of(k, *pc);
    const std::uint64_t own = load_fact(site->own);
    Value* field = &t->fields[own & 0xffff];
    if (ML_UNLIKELY(t->shape_word != own >> 16 || field->is_nil() ||
                    t->has_any(heap::kBlack, heap::kTableReadOnly))) {
      ML_GO(SetOtherField);
    }
    heap::copy(field, &RA);
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::set_field);
}
ML_PART(SetByString) {
  Table* t = RB.table();
  const heap::String* key = RC.string();
  if (t->is_shaped()) {
    Value* field = heap::table_find_field(*t, key);
    if (ML_LIKELY(field != nullptr && !field->is_nil())) {
      heap::copy(field, &RA);
      vm->heap.barrier_back(t, RA);
      ML_NEXT;
    }
  } else {
    Entry* entry = heap::table_find_short(*t, key);
    if (ML_LIKELY(entry != nullptr && !entry->value_is_nil())) {
      entry->set_value(RA);
      vm->heap.barrier_back(t, RA);
      ML_NEXT;
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
// Of one that is black or may not be written.
ML_PART(SetGuardedElement) {
  Table* t = RB.table();
  if ((t->flags & heap::kTableReadOnly) == 0 && !t->array.is_packed() && !RA.is_nil()) {
    const std::uint64_t index = static_cast<std::uint64_t>(RC.integer) - 1;
    Value* element = &t->array.values()[index];
    if (index < t->array_count && (!element->is_nil() || t->metatable == nullptr)) {
      heap::copy(element, &RA);
      vm->heap.barrier_back(t, RA);
      ML_NEXT;
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
ML_PART(SetPackedElement) {
  Table* t = RB.table();
  const Value& value = RA;
  if (ML_LIKELY(value.tag() == t->array.packed() && (t->flags & heap::kTableReadOnly) == 0)) {
    const std::uint64_t index = static_cast<std::uint64_t>(RC.integer) - 1;
    if (ML_LIKELY(index < t->array_count)) {
      t->array.payloads()[index] = value.bits;
      ML_NEXT;
    }
    if (index == t->array_count && index < t->array_capacity && t->metatable == nullptr) {
      t->array.payloads()[index] = value.bits;
      t->array_count = static_cast<std::uint32_t>(index) + 1;
      ML_NEXT;
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
// Behind the last one, where there is room.
ML_PART(AppendElement) {
  Table* t = RB.table();
  const Value& value = RA;
  const std::uint64_t index = static_cast<std::uint64_t>(RC.integer) - 1;
  if (ML_LIKELY(index == t->array_count && index < t->array_capacity && !value.is_nil() &&
                t->metatable == nullptr && t->entry_count == 0 &&
                (t->flags & heap::kTableReadOnly) == 0)) {
    heap::copy(&t->array.values()[index], &value);
    t->array_count = static_cast<std::uint32_t>(index) + 1;
    if (ML_UNLIKELY(t->is_black())) ML_GO(TellOfElement);
    ML_NEXT;
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
ML_OP(SetTable) {
  const Value& object = RB;
  const Value& key = RC;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    if (ML_LIKELY(is_integer(key))) {
      if (ML_UNLIKELY(t->array.is_packed())) ML_GO(SetPackedElement);
      const std::uint64_t index = static_cast<std::uint64_t>(key.integer) - 1;
      if (ML_UNLIKELY(index >= t->array_count)) ML_GO(AppendElement);
      if (ML_UNLIKELY(t->has_any(heap::kBlack, heap::kTableReadOnly))) ML_GO(SetGuardedElement);
      const Value& value = RA;
      Value* element = &t->array.values()[index];
      if (ML_LIKELY(!value.is_nil() && (!element->is_nil() || t->metatable == nullptr))) {
        heap::copy(element, &value);
        ML_NEXT;
      }
    } else if (key.is_string() && !key.string()->is_long() &&
               (t->flags & heap::kTableReadOnly) == 0) {
      ML_GO(SetByString);
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
ML_OP(SetInteger) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    const std::uint64_t index = static_cast<std::uint64_t>(ML_C) - 1;
    if (ML_LIKELY(index < t->array_count && !RA.is_nil() &&
                  (t->flags & heap::kTableReadOnly) == 0 && !t->array.is_packed())) {
      Value* element = &t->array.values()[index];
      if (ML_LIKELY(!element->is_nil() || t->metatable == nullptr)) {
        heap::copy(element, &RA);
        if (ML_UNLIKELY(t->is_black())) ML_GO(TellOfElement);
        ML_NEXT;
      }
    }
  }
  ML_SLOW(ops::set_integer);
}
// The method of a string.
ML_PART(SelfOfString) {
  const Value object = RB;
  const Table* metatable =
      vm->heap.basic_metatables->of[static_cast<int>(heap::BasicType::String)];
  Value* slot = &RA;
  if (load_inherited(*vm, slot, metatable, *heap::site_of(k, *pc), k[*pc].bits)) {
    slot[1] = object;
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::self);
}
// Of an object that has it itself, or whose class inherits it, or has no shape.
ML_PART(SelfOfOther) {
  const Value object = RB;
  const Table* t = object.table();
  const Site* site = heap::site_of(k, *pc);
  Value* slot = &RA;
  if (lacks_noted_key(*t, *site)
          ? t->metatable != nullptr && load_inherited(*vm, slot, t->metatable, *site, k[*pc].bits)
          : load_noted_field(slot, *t, load_fact(site->own)) ||
                load_noted_entry(slot, *t, load_fact(site->other), k[*pc].bits)) {
    slot[1] = object;
    ++pc;
    ML_NEXT;
  }
  if (const Value* found = ops::find_unnoted(*vm, *t, k[*pc].string(), *site); found != nullptr) {
    heap::copy(slot, found);
    slot[1] = object;
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::self);
}
ML_OP(Self) {
  if (ML_LIKELY(RB.is_table())) {
    Table* t = RB.table();
    const Site* site = heap::site_of(k, *pc);
    // The usual case: the method is in the class, one __index away.
    const Table* metatable = t->metatable;
    if (ML_LIKELY(t->shape_word == load_fact(site->absent) >> 16 && metatable != nullptr &&
                  metatable->is_shaped())) {
      const std::uint32_t index_slot = metatable->shape()->index_slot;
      if (ML_LIKELY(index_slot != heap::kNoSlot)) {
        const Value& owner = metatable->fields[index_slot];
        Value* slot = &RA;
        if (ML_LIKELY(owner.is_table() &&
                      load_noted_field(slot, *owner.table(), load_fact(site->inherited)))) {
          slot[1] = Value::from(t);
          ++pc;
          ML_NEXT;
        }
      }
    }
    ML_GO(SelfOfOther);
  }
  if (RB.is_string()) ML_GO(SelfOfString);
  ML_SLOW(ops::self);
}
ML_OP(NewTable) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  Table* made = ops::make_table(*vm, ML_B, *pc);
  if (ML_UNLIKELY(made == nullptr)) ML_SLOW(ops::new_table);
  RA = Value::from(made);
  ++pc;
  ML_NEXT;
}
ML_OP(SetList) {
  const unsigned count = ML_B;
  Value* slot = &RA;
  if (ML_LIKELY(count != 0 && slot->is_table() &&
                (slot->table()->flags & heap::kTableReadOnly) == 0 &&
                heap::table_set_list(vm->heap, *slot->table(), *pc, slot + 1, count))) {
    ++pc;
    ML_NEXT;
  }
  ML_SLOW(ops::set_list);
}
