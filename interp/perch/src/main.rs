//! The program `perch`; see the library.

#[global_allocator]
static ALLOCATOR: perch_system::Memory = perch_system::Memory;

fn main() {
    perch_system::machine::leave(perch::main(std::env::args_os().collect()))
}
