//! What a pickle of tensors, arrays and plain values imports, and what can do nothing but hold them.
//!
//! Much as the unpicklers that frameworks call safe: `torch/_weights_only_unpickler.py`. A name is
//! compared whole, with its module.

/// Whether importing and calling this does nothing but make a value.
pub(super) fn is_harmless(module: &str, name: &str) -> bool {
    HARMLESS.iter().any(|(modules, names)| modules.contains(&module) && names.contains(&name))
}

/// Every module and every name of the list.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    HARMLESS.iter().flat_map(|(modules, names)| modules.iter().chain(names.iter())).copied()
}

type Row = (&'static [&'static str], &'static [&'static str]);

#[rustfmt::skip]
const HARMLESS: &[Row] = &[
    (&["builtins", "__builtin__"], &[
        "set", "frozenset", "list", "dict", "tuple", "bytes", "bytearray", "str", "unicode", "int", "long",
        "float", "complex", "bool", "range", "xrange", "slice", "object", "NoneType", "Ellipsis",
    ]),
    (&["collections"], &["OrderedDict", "defaultdict", "deque", "Counter"]),
    (&["_codecs"], &["encode"]),
    (&["copy_reg", "copyreg"], &["_reconstructor"]),
    (&["datetime"], &["datetime", "date", "time", "timedelta", "timezone"]),
    (&["decimal"], &["Decimal"]),
    (&["fractions"], &["Fraction"]),
    (&["uuid"], &["UUID"]),
    (&["argparse"], &["Namespace"]),
    (&["types"], &["SimpleNamespace"]),
    (&["pathlib", "pathlib._local"], &[
        "Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath",
    ]),
    (&["numpy", "numpy.dtypes"], &[
        "ndarray", "dtype", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "complex64", "complex128", "str_", "bytes_",
        "BoolDType", "Int8DType", "Int16DType", "Int32DType", "Int64DType", "UInt8DType", "UInt16DType",
        "UInt32DType", "UInt64DType", "Float16DType", "Float32DType", "Float64DType", "Complex64DType",
        "Complex128DType", "StrDType", "BytesDType", "ObjectDType",
    ]),
    (&["numpy.core.multiarray", "numpy._core.multiarray"], &["_reconstruct", "scalar"]),
    (&["numpy.core.numeric", "numpy._core.numeric"], &["_frombuffer"]),
    (&["torch"], &[
        "Tensor", "Size", "device", "dtype", "layout",
        "float32", "float", "float64", "double", "float16", "half", "bfloat16", "uint8", "int8", "int16",
        "short", "int32", "int", "int64", "long", "bool", "complex32", "complex64", "complex128", "quint8",
        "qint8", "qint32", "quint4x2", "quint2x4", "uint16", "uint32", "uint64", "float8_e4m3fn",
        "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn_x2",
        "strided", "sparse_coo", "sparse_csr", "contiguous_format", "channels_last", "preserve_format",
        "per_tensor_affine", "per_channel_affine",
        "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "ByteStorage", "CharStorage",
        "ShortStorage", "IntStorage", "LongStorage", "BoolStorage", "ComplexFloatStorage",
        "ComplexDoubleStorage", "QUInt8Storage", "QInt8Storage", "QInt32Storage", "QUInt4x2Storage",
        "QUInt2x4Storage", "UntypedStorage", "TypedStorage",
        "FloatTensor", "DoubleTensor", "HalfTensor", "BFloat16Tensor", "ByteTensor", "CharTensor",
        "ShortTensor", "IntTensor", "LongTensor", "BoolTensor",
    ]),
    (&["torch.cuda"], &[
        "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "ByteStorage", "CharStorage",
        "ShortStorage", "IntStorage", "LongStorage", "BoolStorage",
        "FloatTensor", "DoubleTensor", "HalfTensor", "BFloat16Tensor", "ByteTensor", "CharTensor",
        "ShortTensor", "IntTensor", "LongTensor", "BoolTensor",
    ]),
    (&["torch.storage"], &["UntypedStorage", "TypedStorage", "_UntypedStorage", "_TypedStorage"]),
    (&["torch.nn", "torch.nn.parameter"], &["Parameter", "Buffer"]),
    (&["torch.serialization"], &["_get_layout"]),
    (&["torch._tensor"], &["_rebuild_from_type_v2"]),
    (&["torch._utils"], &[
        "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter",
        "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_sparse_tensor",
        "_rebuild_sparse_csr_tensor", "_rebuild_nested_tensor", "_rebuild_meta_tensor_no_storage",
        "_rebuild_device_tensor_from_numpy",
    ]),
];
