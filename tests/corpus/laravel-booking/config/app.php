<?php

return [
    'name' => env('APP_NAME', 'Booking'),
    'env' => env('APP_ENV', 'production'),
    'debug' => (bool) env('APP_DEBUG', false),
    'url' => env('APP_URL'),
    'timezone' => 'Europe/Berlin',
    'key' => env('APP_KEY'),
    'cipher' => 'AES-256-CBC',
    // keys of the last two rotations, comma separated
    'previous_keys' => array_filter(explode(',', env('APP_PREVIOUS_KEYS', ''))),
];
