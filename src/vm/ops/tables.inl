// Table access: hits, and misses without a metatable.

ML_OP(GetGlobal) {
  const Value& object = ML_UPVALUE(bytecode::op_b(i));
  if (ML_LIKELY(object.is_table())) {
    const Entry* entry = heap::table_find_short(*object.table(), k[*pc].string());
    if (ML_LIKELY(entry != nullptr && !entry->value_is_nil())) {
      load_entry(&RA, entry);
      ++pc;
      ML_NEXT;
    }
  }
  ML_SLOW(ops::get_global);
}
ML_OP(GetField) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    const Entry* entry = heap::table_find_short(*t, k[*pc].string());
    if (ML_LIKELY(entry != nullptr && !entry->value_is_nil())) {
      load_entry(&RA, entry);
      ++pc;
      ML_NEXT;
    }
    if (t->metatable == nullptr && !k[*pc].string()->is_long()) {
      heap::set_nil(&RA);
      ++pc;
      ML_NEXT;
    }
  }
  ML_SLOW(ops::get_field);
}
ML_OP(GetTable) {
  const Value& object = RB;
  const Value& key = RC;
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    if (ML_LIKELY(is_integer(key))) {
      const std::uint64_t index = static_cast<std::uint64_t>(key.integer) - 1;
      if (ML_LIKELY(index < t->array_count)) {
        const Value* element = &t->array[index];
        if (ML_LIKELY(!element->is_nil() || t->metatable == nullptr)) {
          heap::copy(&RA, element);
          ML_NEXT;
        }
      } else if (t->entry_count == 0 && t->metatable == nullptr) {
        heap::set_nil(&RA);
        ML_NEXT;
      }
    } else if (key.is_string() && !key.string()->is_long()) {
      const Entry* entry = heap::table_find_short(*t, key.string());
      if (ML_LIKELY(entry != nullptr && !entry->value_is_nil())) {
        load_entry(&RA, entry);
        ML_NEXT;
      }
      if (t->metatable == nullptr) {
        heap::set_nil(&RA);
        ML_NEXT;
      }
    }
  }
  ML_SLOW(ops::get_table);
}
ML_OP(GetInteger) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    const std::uint64_t index = static_cast<std::uint64_t>(bytecode::op_c(i)) - 1;
    if (ML_LIKELY(index < t->array_count)) {
      const Value* element = &t->array[index];
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
  const Value& object = ML_UPVALUE(bytecode::op_b(i));
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    Entry* entry = heap::table_find_short(*t, k[*pc].string());
    if (ML_LIKELY(entry != nullptr && !entry->value_is_nil() &&
                  (t->flags & heap::kTableReadOnly) == 0)) {
      entry->set_value(RA);
      vm->heap.barrier_back(t);
      ++pc;
      ML_NEXT;
    }
  }
  ML_SLOW(ops::set_global);
}
ML_OP(SetField) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    Entry* entry = heap::table_find_short(*t, k[*pc].string());
    if (ML_LIKELY(entry != nullptr && !entry->value_is_nil() &&
                  (t->flags & heap::kTableReadOnly) == 0)) {
      entry->set_value(RA);
      vm->heap.barrier_back(t);
      ++pc;
      ML_NEXT;
    }
  }
  ML_SLOW(ops::set_field);
}
ML_OP(SetTable) {
  const Value& object = RB;
  const Value& key = RC;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    if (ML_LIKELY((t->flags & heap::kTableReadOnly) == 0)) {
      if (ML_LIKELY(is_integer(key))) {
        const std::uint64_t index = static_cast<std::uint64_t>(key.integer) - 1;
        const Value& value = RA;
        if (ML_LIKELY(index < t->array_count)) {
          Value* element = &t->array[index];
          if (ML_LIKELY(!value.is_nil() && (!element->is_nil() || t->metatable == nullptr))) {
            heap::copy(element, &value);
            vm->heap.barrier_back(t);
            ML_NEXT;
          }
        } else if (index == t->array_count && index < t->array_capacity && !value.is_nil() &&
                   t->metatable == nullptr && t->entry_count == 0) {
          heap::copy(&t->array[index], &value);
          t->array_count = static_cast<std::uint32_t>(index) + 1;
          vm->heap.barrier_back(t);
          ML_NEXT;
        }
      } else if (key.is_string() && !key.string()->is_long()) {
        Entry* entry = heap::table_find_short(*t, key.string());
        if (ML_LIKELY(entry != nullptr && !entry->value_is_nil())) {
          entry->set_value(RA);
          vm->heap.barrier_back(t);
          ML_NEXT;
        }
      }
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
ML_OP(SetInteger) {
  const Value& object = RB;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    const std::uint64_t index = static_cast<std::uint64_t>(bytecode::op_c(i)) - 1;
    if (ML_LIKELY(index < t->array_count && !RA.is_nil() &&
                  (t->flags & heap::kTableReadOnly) == 0)) {
      Value* element = &t->array[index];
      if (ML_LIKELY(!element->is_nil() || t->metatable == nullptr)) {
        heap::copy(element, &RA);
        vm->heap.barrier_back(t);
        ML_NEXT;
      }
    }
  }
  ML_SLOW(ops::set_integer);
}
ML_OP(Self) {
  const Value object = RB;
  const String* key = k[*pc].string();
  Table* t = nullptr;
  if (ML_LIKELY(object.is_table())) {
    t = object.table();
    const Entry* entry = heap::table_find_short(*t, key);
    if (entry == nullptr || entry->value_is_nil()) {
      // The usual case: the method is in the class, one __index away.
      Table* meta = t->metatable;
      t = nullptr;
      if (ML_LIKELY(meta != nullptr && !key->is_long())) {
        const Entry* index = heap::table_find_short(
            *meta, vm->heap.event_names[static_cast<int>(Event::Index)]);
        if (ML_LIKELY(index != nullptr && index->value_tag() == Tag::Table)) {
          const Table* owner = reinterpret_cast<Table*>(index->value_bits);
          entry = heap::table_find_short(*owner, key);
          if (entry != nullptr && !entry->value_is_nil()) t = meta;
        }
      }
    }
    if (ML_LIKELY(t != nullptr)) {
      Value* slot = &RA;
      slot[1] = object;
      load_entry(slot, entry);
      ++pc;
      ML_NEXT;
    }
  }
  ML_SLOW(ops::self);
}
ML_OP(NewTable) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::new_table);
}
ML_OP(SetList) { ML_SLOW(ops::set_list); }
