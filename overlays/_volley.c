/* The same bytes to many sockets at once without the interpreter: overlays/volley.py says when and why.

   Where the kernel lets us, they are handed over through an io_uring: one entry into the kernel for RING sockets saves a
   sixth of what a send costs. Every request is done before that call returns (none may wait), so nothing outlives the
   frame. Elsewhere it is a loop of send(). */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS; the interpreter ignores SIGPIPE */
#endif
#define SEND_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(IORING_FEAT_SINGLE_MMAP) && defined(__NR_io_uring_setup)
#define HAVE_RING
#endif
#endif
#endif

#ifdef HAVE_RING
/* 48 kB of memory; more at once saves nothing that could be measured. */
#define RING 512
/* For fewer sockets the detour is not worth it. */
#define RING_FROM 4
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif

/* One a process, used by whoever holds `busy`; `owner` is its process, for a child must not use its parent's. */
static struct {
    int descriptor;
    pid_t owner;
    bool refused, busy;
    unsigned *submit_tail, submit_mask, *done_head, *done_tail, done_mask;
    struct io_uring_sqe *submitted;
    struct io_uring_cqe *done;
} ring = {.descriptor = -1};

static bool
open_ring(void)
{
    struct io_uring_params params;
    memset(&params, 0, sizeof params);
    params.flags = IORING_SETUP_SINGLE_ISSUER;
    int made = (int)syscall(__NR_io_uring_setup, RING, &params);
    if (made < 0 && errno == EINVAL) { /* before Linux 6.0 */
        memset(&params, 0, sizeof params);
        made = (int)syscall(__NR_io_uring_setup, RING, &params);
    }
    if (made < 0)
        return false;
    size_t queues = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    size_t done = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    if (done > queues)
        queues = done;
    size_t requests = params.sq_entries * sizeof(struct io_uring_sqe);
    char *shared = MAP_FAILED, *entries = MAP_FAILED;
    if (params.features & IORING_FEAT_SINGLE_MMAP) {
        shared = mmap(NULL, queues, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, made, IORING_OFF_SQ_RING);
        entries = mmap(NULL, requests, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, made, IORING_OFF_SQES);
    }
    if (shared == MAP_FAILED || entries == MAP_FAILED) {
        if (shared != MAP_FAILED)
            munmap(shared, queues);
        if (entries != MAP_FAILED)
            munmap(entries, requests);
        close(made);
        return false;
    }
    ring.submit_tail = (unsigned *)(shared + params.sq_off.tail);
    ring.submit_mask = *(unsigned *)(shared + params.sq_off.ring_mask);
    ring.done_head = (unsigned *)(shared + params.cq_off.head);
    ring.done_tail = (unsigned *)(shared + params.cq_off.tail);
    ring.done_mask = *(unsigned *)(shared + params.cq_off.ring_mask);
    ring.done = (struct io_uring_cqe *)(shared + params.cq_off.cqes);
    ring.submitted = (struct io_uring_sqe *)entries;
    unsigned *order = (unsigned *)(shared + params.sq_off.array);
    for (unsigned i = 0; i < params.sq_entries; i++)
        order[i] = i;
    ring.descriptor = made;
    ring.owner = getpid();
    return true;
}

/* How many of the sockets, from the first one on, were served through the ring; 0 where there is none. */
static Py_ssize_t
send_by_ring(const int *sockets, Py_ssize_t count, const void *bytes, size_t size, Py_ssize_t *taken)
{
    if (ring.descriptor < 0 || ring.owner != getpid()) {
        if (ring.refused || !open_ring()) {
            ring.refused = true;
            return 0;
        }
    }
    Py_ssize_t served = 0;
    while (served < count) {
        unsigned many = count - served < RING ? (unsigned)(count - served) : RING;
        unsigned tail = *ring.submit_tail;
        for (unsigned i = 0; i < many; i++) {
            struct io_uring_sqe *request = &ring.submitted[(tail + i) & ring.submit_mask];
            memset(request, 0, sizeof *request);
            request->opcode = IORING_OP_SEND;
            request->fd = sockets[served + i];
            request->addr = (__u64)(uintptr_t)bytes;
            request->len = (__u32)size;
            request->msg_flags = SEND_FLAGS;
            request->user_data = (__u64)(served + i);
        }
        __atomic_store_n(ring.submit_tail, tail + many, __ATOMIC_RELEASE);
        unsigned handed = 0, finished = 0;
        while (finished < many) {
            long got = syscall(__NR_io_uring_enter, ring.descriptor, many - handed, handed < many ? 0 : many - finished,
                               IORING_ENTER_GETEVENTS, NULL, 0);
            if (got > 0)
                handed += (unsigned)got;
            unsigned head = *ring.done_head, end = __atomic_load_n(ring.done_tail, __ATOMIC_ACQUIRE);
            for (; head != end; head++, finished++) {
                struct io_uring_cqe *done = &ring.done[head & ring.done_mask];
                taken[done->user_data] = done->res;
            }
            __atomic_store_n(ring.done_head, head, __ATOMIC_RELEASE);
            if (got < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY && finished == handed) {
                /* Another thread than the first, or no ring any more: what was not handed over goes the plain way. */
                close(ring.descriptor);
                ring.descriptor = -1;
                ring.refused = true;
                return served + handed;
            }
        }
        served += many;
    }
    return served;
}
#endif

/* send_each(sockets: buffer of C int, frame: bytes-like) -> [(index, bytes taken)] of the sockets that did not take
   all of it; 0 also where sending failed, for the event loop meets the error again and ends the connection. */
static PyObject *
send_each(PyObject *module, PyObject *args)
{
    Py_buffer sockets, frame;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*", &sockets, &frame))
        return NULL;
    const int *descriptors = sockets.buf;
    Py_ssize_t count = sockets.len / (Py_ssize_t)sizeof(int), served = 0;
    Py_ssize_t *taken = PyMem_RawMalloc((count ? count : 1) * sizeof(Py_ssize_t));
    PyObject *short_ones = taken ? PyList_New(0) : PyErr_NoMemory();
    if (short_ones == NULL)
        goto done;
#ifdef HAVE_RING
    bool ours = count >= RING_FROM && frame.len <= INT_MAX && !ring.busy;
    if (ours)
        ring.busy = true;
#endif
    Py_BEGIN_ALLOW_THREADS
#ifdef HAVE_RING
    if (ours)
        served = send_by_ring(descriptors, count, frame.buf, (size_t)frame.len, taken);
#endif
    for (; served < count; served++)
        taken[served] = send(descriptors[served], frame.buf, (size_t)frame.len, SEND_FLAGS);
    Py_END_ALLOW_THREADS
#ifdef HAVE_RING
    if (ours)
        ring.busy = false;
#endif
    for (Py_ssize_t i = 0; i < count; i++) {
        if (taken[i] == frame.len)
            continue;
        PyObject *entry = Py_BuildValue("(nn)", i, taken[i] < 0 ? (Py_ssize_t)0 : taken[i]);
        if (entry == NULL || PyList_Append(short_ones, entry) < 0) {
            Py_XDECREF(entry);
            Py_CLEAR(short_ones);
            break;
        }
        Py_DECREF(entry);
    }
done:
    PyMem_RawFree(taken);
    PyBuffer_Release(&sockets);
    PyBuffer_Release(&frame);
    return short_ones;
}

static PyMethodDef methods[] = {
    {"send_each", send_each, METH_VARARGS, "Send a frame to each socket; [(index, bytes taken)] of the short ones."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_volley",
    .m_size = 0,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit__volley(void)
{
    return PyModuleDef_Init(&definition);
}
