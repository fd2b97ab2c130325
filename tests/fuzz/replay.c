/*
 * main() for fuzz targets without libFuzzer: feeds every file named on the command line, and every file in the directories
 * named there, to the target once. So the corpus is replayed in every ordinary test run, with any compiler.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak)); // a target may do without

/* false: not a readable file. */
static int
replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    uint8_t *data = size >= 0 ? malloc(size ? (size_t)size : 1) : NULL; // exact size, so that sanitizers see overruns
    int ok = data && fread(data, 1, (size_t)size, f) == (size_t)size;
    fclose(f);
    if (ok)
        LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return ok;
}

static int
replay_directory(const char *path, int *files)
{
    DIR *dir = opendir(path);
    if (!dir)
        return 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char file[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        *files += replay_file(file);
    }
    closedir(dir);
    return 1;
}

int
main(int argc, char **argv)
{
    int files = 0;
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        if (!replay_directory(argv[i], &files))
            files += replay_file(argv[i]);
    printf("%d inputs replayed\n", files);
    return files ? 0 : 1; // an empty corpus is a mistake
}
