// The command has no functions to import; those for applications are in `ctxlock/ai-sdk`.
export {}
