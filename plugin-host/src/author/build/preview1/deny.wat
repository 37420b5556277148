;; WASI preview 1 for a program that may do nothing: what a libc or a runtime asks for is answered here, inside of the component, so
;; that it imports nothing. No arguments, no environment, no files (EBADF); a clock that counts its calls, since some runtimes end when
;; it stands still; numbers that look random and are the same in every run; leaving is a trap.
;;
;; `deny.wasm` is this file as bytes: `wasm-tools parse deny.wat -o deny.wasm`. A test compares them.
(module
  (import "env" "memory" (memory 0))
  (global $t (mut i64) (i64.const 1000))
  (global $r (mut i64) (i64.const 0x9E3779B97F4A7C15))
  (func $zero2 (param i32 i32) (i32.store (local.get 0) (i32.const 0)) (i32.store (local.get 1) (i32.const 0)))
  (func (export "sched_yield") (result i32) (i32.const 0))
  (func (export "proc_exit") (param i32) unreachable)
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "args_sizes_get") (param i32 i32) (result i32) (call $zero2 (local.get 0) (local.get 1)) (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_sizes_get") (param i32 i32) (result i32) (call $zero2 (local.get 0) (local.get 1)) (i32.const 0))
  (func (export "clock_time_get") (param i32 i64 i32) (result i32)
    (global.set $t (i64.add (global.get $t) (i64.const 1000))) (i64.store (local.get 2) (global.get $t)) (i32.const 0))
  (func (export "random_get") (param $p i32) (param $n i32) (result i32)
    (block $done (loop $l (br_if $done (i32.eqz (local.get $n)))
      (global.set $r (i64.add (i64.mul (global.get $r) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
      (i32.store8 (local.get $p) (i32.wrap_i64 (i64.shr_u (global.get $r) (i64.const 33))))
      (local.set $p (i32.add (local.get $p) (i32.const 1))) (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l)))
    (i32.const 0))
  (func (export "fd_write") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8)))
