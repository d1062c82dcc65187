/* A driver of NVIDIA's without a GPU: what FFmpeg's NVDEC decoder loads, its frames in the computer's own memory.
 *
 * Built twice, as libcuda.so.1 and as libnvcuvid.so.1. Each decoded picture is one grey: 40, and one more for each
 * picture decoded before it. What is called and matters is a line in the file that FAKE_NVDEC_LOG names; FAKE_NVDEC_AT
 * is the number of the picture that is refused, 0 the decoder itself. Layouts are those of NVIDIA's public interface.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONE = 0, NO_DEVICE = 101, NO_CONTEXT = 201, UNSUPPORTED = 801, FAILED = 700, DEVICES = 2, PITCH = 512 };

static void say(const char *what, long number)
{
    FILE *log = fopen(getenv("FAKE_NVDEC_LOG"), "a");
    fprintf(log, "%s %ld\n", what, number);
    fclose(log);
}

/* Loaded, and of no consequence here. */
#define OTHERS \
    X(cuArray3DCreate_v2) X(cuArrayCreate_v2) X(cuArrayDestroy) X(cuCtxGetDevice) X(cuCtxSetLimit) \
    X(cuDestroyExternalMemory) X(cuDestroyExternalSemaphore) X(cuDeviceComputeCapability) X(cuDeviceGetByPCIBusId) \
    X(cuDeviceGetLuid) X(cuDeviceGetName) X(cuDeviceGetPCIBusId) X(cuDeviceGetUuid) X(cuDeviceGetUuid_v2) \
    X(cuDevicePrimaryCtxGetState) X(cuDevicePrimaryCtxRelease) X(cuMemcpy2D_v2) \
    X(cuDevicePrimaryCtxReset) X(cuDevicePrimaryCtxSetFlags) X(cuDriverGetVersion) X(cuEGLStreamConsumerDisconnect) \
    X(cuEGLStreamProducerConnect) X(cuEGLStreamProducerDisconnect) X(cuEGLStreamProducerPresentFrame) \
    X(cuEGLStreamProducerReturnFrame) X(cuEventCreate) X(cuEventDestroy_v2) X(cuEventQuery) X(cuEventRecord) \
    X(cuEventSynchronize) X(cuExternalMemoryGetMappedBuffer) X(cuExternalMemoryGetMappedMipmappedArray) \
    X(cuGLGetDevices_v2) X(cuGraphicsGLRegisterImage) X(cuGraphicsMapResources) X(cuGraphicsResourceGetMappedPointer_v2) \
    X(cuGraphicsSubResourceGetMappedArray) X(cuGraphicsUnmapResources) X(cuGraphicsUnregisterResource) \
    X(cuImportExternalMemory) X(cuImportExternalSemaphore) X(cuLaunchKernel) X(cuLinkAddData) X(cuLinkComplete) \
    X(cuLinkCreate) X(cuLinkDestroy) X(cuMemAllocManaged) X(cuMemAllocPitch_v2) X(cuMemcpy) X(cuMemcpyAsync) \
    X(cuMemcpyDtoDAsync_v2) X(cuMemcpyDtoD_v2) X(cuMemcpyDtoHAsync_v2) X(cuMemcpyDtoH_v2) X(cuMemcpyHtoDAsync_v2) \
    X(cuMemcpyHtoD_v2) X(cuMemsetD8Async) X(cuMipmappedArrayDestroy) X(cuMipmappedArrayGetLevel) X(cuModuleGetFunction) \
    X(cuModuleGetGlobal) X(cuModuleLoadData) X(cuModuleUnload) X(cuSignalExternalSemaphoresAsync) X(cuStreamAddCallback) \
    X(cuStreamCreate) X(cuStreamDestroy_v2) X(cuStreamQuery) X(cuStreamSynchronize) X(cuStreamWaitEvent) \
    X(cuTexObjectCreate) X(cuTexObjectDestroy) X(cuWaitExternalSemaphoresAsync) X(cuvidCreateVideoParser) \
    X(cuvidCreateVideoSource) X(cuvidCreateVideoSourceW) X(cuvidCtxLock) X(cuvidCtxUnlock) X(cuvidDestroyVideoParser) \
    X(cuvidDestroyVideoSource) X(cuvidGetDecodeStatus) X(cuvidGetSourceAudioFormat) X(cuvidGetSourceVideoFormat) \
    X(cuvidGetVideoSourceState) X(cuvidParseVideoData) X(cuvidReconfigureDecoder) X(cuvidSetVideoSourceState)
#define X(name) int name(void) { return DONE; }
OTHERS

static __thread void *contexts[16];
static __thread int held;

/* Makes a context the calling thread's, as torch does with its own. */
void hold_context(void *context) { contexts[held++] = context; }

int cuInit(unsigned flags) { return DONE; }
int cuDeviceGetCount(int *count) { *count = DEVICES; return DONE; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = PITCH; return DONE; }
int cuGetErrorName(int error, const char **name) { *name = "FAKE"; return DONE; }
int cuGetErrorString(int error, const char **text) { *text = "fake"; return DONE; }
int cuCtxGetCurrent(void **context) { *context = held ? contexts[held - 1] : NULL; return DONE; }
int cuCtxCreate_v2(void **context, unsigned flags, int device) { say("context made", device); return NO_CONTEXT; }
int cuCtxDestroy_v2(void *context) { say("context destroyed", 0); return DONE; }
int cuDevicePrimaryCtxRetain(void **context, int device) { say("primary context", device); return NO_CONTEXT; }

int cuDeviceGet(int *device, int number)
{
    say("device", number);
    *device = number;
    return number < DEVICES ? DONE : NO_DEVICE;
}

int cuCtxPushCurrent_v2(void *context)
{
    if (context)
        contexts[held++] = context;
    return context ? DONE : NO_CONTEXT;
}

int cuCtxPopCurrent_v2(void **context)
{
    *context = held ? contexts[--held] : NULL;
    return *context ? DONE : NO_CONTEXT;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes)
{
    say("memory", 1);
    *address = (uint64_t)aligned_alloc(PITCH, (bytes + PITCH - 1) / PITCH * PITCH);
    return DONE;
}

int cuMemFree_v2(uint64_t address)
{
    say("memory", -1);
    free((void *)address);
    return DONE;
}

typedef struct {
    size_t column, row;
    int kind; /* 1: the computer's memory */
    char *host;
    uint64_t device;
    void *array;
    size_t pitch;
} Side;

typedef struct {
    Side from, to;
    size_t width, height;
} Copy;

int cuMemcpy2DAsync_v2(const Copy *copy, void *stream)
{
    const char *from = copy->from.kind == 1 ? copy->from.host : (char *)copy->from.device;
    char *to = copy->to.kind == 1 ? copy->to.host : (char *)copy->to.device;
    say("copied on stream", (long)stream);
    for (size_t row = 0; row < copy->height; row++)
        memcpy(to + (copy->to.row + row) * copy->to.pitch + copy->to.column,
               from + (copy->from.row + row) * copy->from.pitch + copy->from.column, copy->width);
    return DONE;
}

typedef struct {
    unsigned long width, height, surfaces;
    int codec, chroma;
    unsigned long flags, depth, intra, most_width, most_height, reserved;
    short area[4];
    int words, deinterlacing;
    unsigned long shown_width, shown_height;
} Wanted;

typedef struct {
    Wanted wanted;
    int number_in[64], decoded;
} Decoder;

static int refused_at(void) { return getenv("FAKE_NVDEC_AT") ? atoi(getenv("FAKE_NVDEC_AT")) : -1; }

int cuvidGetDecoderCaps(char *caps)
{
    caps[24] = 1, caps[25] = 7;                  /* supported, by so many engines */
    *(unsigned short *)(caps + 26) = 3;          /* as NV12 and as P016 */
    *(unsigned *)(caps + 28) = *(unsigned *)(caps + 32) = 8192;
    *(unsigned *)(caps + 36) = 1 << 18;          /* macroblocks */
    *(unsigned short *)(caps + 40) = *(unsigned short *)(caps + 42) = 16;
    return DONE;
}

int cuvidCtxLockCreate(void **lock, void *context) { *lock = malloc(1); return DONE; }
int cuvidCtxLockDestroy(void *lock) { free(lock); return DONE; }

int cuvidCreateDecoder(Decoder **decoder, const Wanted *wanted)
{
    if (refused_at() == 0)
        return UNSUPPORTED;
    say("decoder", 1);
    *decoder = calloc(1, sizeof **decoder);
    (*decoder)->wanted = *wanted;
    return DONE;
}

int cuvidDestroyDecoder(Decoder *decoder) { say("decoder", -1); free(decoder); return DONE; }

int cuvidDecodePicture(Decoder *decoder, const int *picture)
{
    decoder->number_in[picture[2]] = decoder->decoded++;
    return decoder->decoded == refused_at() ? FAILED : DONE;
}

int cuvidMapVideoFrame64(Decoder *decoder, int surface, uint64_t *address, unsigned *pitch, void *how)
{
    const int wide = decoder->wanted.words ? 2 : 1, grey = 40 + decoder->number_in[surface];
    const size_t line = (decoder->wanted.shown_width * wide + PITCH - 1) / PITCH * PITCH;
    const size_t luma = line * decoder->wanted.shown_height, all = luma + luma / 2;
    unsigned char *frame = malloc(all);
    for (size_t byte = 0; byte < all; byte++)    /* of a word the upper byte */
        frame[byte] = byte % wide == wide - 1 ? (byte < luma ? grey : 128) : 0;
    *address = (uint64_t)frame, *pitch = line;
    return DONE;
}

int cuvidUnmapVideoFrame64(Decoder *decoder, uint64_t address) { free((void *)address); return DONE; }
