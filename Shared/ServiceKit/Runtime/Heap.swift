import Glibc

/// Keeps the process's heap small (`mallopt(3)`, `malloc_trim(3)`).
///
/// Glibc's module does not show these functions, so they are looked up by name; where a C library lacks them, nothing happens.
enum Heap {
    /// Allows two heaps, enough for two cores, where glibc would keep one for each thread with its own unused rest; and
    /// takes large blocks, the buffers of a batch, straight from the system, which gets them back when they are freed.
    static func limit() {
        guard let address = dlsym(nil, "mallopt") else { return }
        // The C type is `int (int, int)`; M_ARENA_MAX is -8 and M_MMAP_THRESHOLD, in bytes, is -3.
        let mallopt = unsafeBitCast(address, to: (@convention(c) (Int32, Int32) -> Int32).self)
        _ = mallopt(-8, 2)
        _ = mallopt(-3, 262_144)
    }

    /// Gives back to the system what a burst has needed.
    static func trim() {
        guard let address = dlsym(nil, "malloc_trim") else { return }
        // The C type is `int (size_t)`.
        _ = unsafeBitCast(address, to: (@convention(c) (Int) -> Int32).self)(0)
    }
}
