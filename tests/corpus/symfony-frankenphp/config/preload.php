<?php

$preload = dirname(__DIR__).'/var/cache/prod/App_KernelProdContainer.preload.php';
is_file($preload) && require $preload;
