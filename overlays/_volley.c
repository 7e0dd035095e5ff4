/* The same bytes to many sockets in one loop without the interpreter: overlays/volley.py says when and why. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS; the interpreter ignores SIGPIPE */
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
    Py_ssize_t count = sockets.len / (Py_ssize_t)sizeof(int);
    Py_ssize_t *taken = PyMem_RawMalloc((count ? count : 1) * sizeof(Py_ssize_t));
    PyObject *short_ones = taken ? PyList_New(0) : PyErr_NoMemory();
    if (short_ones == NULL)
        goto done;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < count; i++)
        taken[i] = send(descriptors[i], frame.buf, (size_t)frame.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    Py_END_ALLOW_THREADS
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
